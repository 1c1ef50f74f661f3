using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
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

        var video = Decode(engine, golden, latents);
        golden.Compare("out.video", video);
        CompareFrames(golden, video);
    }

    private static Tensor EncodeText(ComputeEngine engine, GoldenCase golden)
    {
        using var weights = golden.OpenWeights("t5");
        using var encoder = T5Encoder.Load(engine, weights, T5Config.Parse(golden.Config.GetProperty("t5"), golden.FilePath));
        var captions = encoder.Encode(T5Goldens.Ids(golden), T5Goldens.Lengths(golden), null, CancellationToken.None);
        golden.Observe("y", captions);
        return captions;
    }

    private static void Sample(ComputeEngine engine, GoldenCase golden, Tensor captions, Tensor latents)
    {
        using var weights = golden.OpenWeights("stdit3");
        using var model = STDiT3.Load(engine, weights, STDiT3Config.Parse(golden.Config.GetProperty("stdit3"), golden.FilePath));
        golden.Observe("y_null", model.Caption.Null);
        using var text = Captions.Embed(engine, model, captions, golden["in.attention_mask"].Flags());
        var conditioned = new ConditionedSTDiT3(model, text, SamplerGoldens.Geometry(golden.Parameters));
        var settings = SamplerGoldens.Settings(golden.Parameters);
        var watched = new TrajectoryCheck(golden, conditioned, settings.Guidance.Scale);
        SamplerGoldens.CompareSteps(golden, new RectifiedFlowSampler(engine, watched).Run(latents, settings));
    }

    private static float[] Decode(ComputeEngine engine, GoldenCase golden, Tensor latents)
    {
        using var weights = golden.OpenWeights("vae");
        using var decoder = VideoDecoder.Load(engine, weights, VaeConfig.Parse(golden.Config.GetProperty("vae"), golden.FilePath));
        return VideoVaeGoldens.DecodeOne(decoder, latents, golden.Parameters.GetProperty("num_frames").GetInt32());
    }

    private static void CompareFrames(GoldenCase golden, float[] video)
    {
        var shape = golden["out.frames"].Shape;
        var expected = golden["out.frames"].Integers();
        var stated = golden.Root.GetProperty("tolerance");
        var (worst, different) = (0, 0);
        for (var i = 0; i < expected.Length; i++)
        {
            var (position, channel) = (i / 3, i % 3);
            var off = Math.Abs((int)expected[i] - PixelRange.ToByte(video[channel * (shape[0] * shape[1] * shape[2]) + position]));
            worst = Math.Max(worst, off);
            if (off > 0) different++;
        }
        if (worst > stated.GetProperty("frames_max_abs_diff").GetInt32()) throw new GoldenMismatchException($"out.frames differs by up to {worst} levels");
        if (different > stated.GetProperty("frames_mismatch_fraction").GetDouble() * expected.Length) throw new GoldenMismatchException($"out.frames differs in {different} of {expected.Length} values");
    }
}
