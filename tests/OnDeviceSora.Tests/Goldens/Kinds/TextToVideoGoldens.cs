using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Media;
using OnDeviceSora.Pipeline;
using OnDeviceSora.Tensors;
using OnDeviceSora.Text;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>End to end: token ids to 8-bit frames.</summary>
internal static class TextToVideoGoldens
{
    public static void Run(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var captions = EncodeText(engine, golden);
        using var latents = golden.Load(engine, "in.z");
        Sample(engine, golden, captions, latents);
        golden.Compare("out.latent", latents.Span);

        var frames = new List<VideoFrame>();
        var video = Decode(engine, golden, latents, picture => frames.Add(DecodingStage.ToFrame(picture)));
        golden.Compare("out.video", video);
        CompareFrames(golden, [.. frames.SelectMany(frame => frame.Rgb)]);
    }

    private static Tensor EncodeText(ComputeEngine engine, GoldenCase golden)
    {
        using var weights = golden.OpenWeights("t5");
        using var encoder = T5Encoder.Load(engine, weights, T5Config.Parse(golden.Config.GetProperty("t5"), golden.FilePath));
        var captions = encoder.Encode(T5Goldens.Ids(golden), T5Goldens.Mask(golden), null, CancellationToken.None);
        golden.Observe("y", captions);
        return captions;
    }

    private static void Sample(ComputeEngine engine, GoldenCase golden, Tensor captions, Tensor latents)
    {
        using var weights = golden.OpenWeights("stdit3");
        using var model = STDiT3.Load(engine, weights, STDiT3Config.Parse(golden.Config.GetProperty("stdit3"), golden.FilePath));
        golden.Observe("y_null", model.Caption.Null);
        using var text = Captions.Embed(engine, model, captions, golden["in.attention_mask"].Flags());
        using var conditioned = new ConditionedSTDiT3(model, text, SamplerGoldens.Geometry(golden.Parameters));
        var settings = SamplerGoldens.Settings(golden.Parameters);
        var watched = new TrajectoryCheck(golden, conditioned, settings.Guidance.Scale);
        SamplerGoldens.CompareSteps(golden, new RectifiedFlowSampler(engine, watched).Run(latents, settings));
    }

    private static float[] Decode(ComputeEngine engine, GoldenCase golden, Tensor latents, Action<Tensor> onPicture)
    {
        using var weights = golden.OpenWeights("vae");
        var decoder = VideoDecoder.Load(engine, weights, VaeConfig.Parse(golden.Config.GetProperty("vae"), golden.FilePath));
        return VideoVaeGoldens.DecodeOne(decoder, latents, golden.Parameters.GetProperty("num_frames").GetInt32(), onPicture);
    }

    /// <summary>Compares 8-bit values, few of which may fall on the other side of a rounding edge.</summary>
    private static void CompareFrames(GoldenCase golden, byte[] actual)
    {
        var expected = golden["out.frames"].Integers();
        if (actual.Length != expected.Length) throw new GoldenMismatchException($"out.frames has {expected.Length} values; there are {actual.Length}");
        var differences = expected.Zip(actual, (e, a) => Math.Abs(e - a)).ToArray();
        var tolerance = golden.Root.GetProperty("tolerance");
        if (differences.Max() > tolerance.GetProperty("frames_max_abs_diff").GetInt32()) throw new GoldenMismatchException($"out.frames differs by up to {differences.Max()} levels");
        var different = differences.Count(difference => difference > 0);
        if (different > tolerance.GetProperty("frames_mismatch_fraction").GetDouble() * expected.Length) throw new GoldenMismatchException($"out.frames differs in {different} of {expected.Length} values");
    }
}
