using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Pipeline.Planning;
using OnDeviceSora.Tensors;
using OnDeviceSora.Text;

namespace OnDeviceSora.Tests.Pipeline.Planning;

/// <summary>
/// What is predicted for a stage is what the ledger then measures: never less, and at most a quarter more, or half a megabyte where
/// there are too few tasks to give every thread scratch memory.
/// </summary>
public sealed class StageWorkTests(MiddleModel middle) : IClassFixture<MiddleModel>, IDisposable
{
    // One thread: of several, one may find no task and then has no scratch memory.
    private readonly ComputeEngine _engine = new(1);

    public static TheoryData<string, int, int, int, int> Videos => new()
    {
        { "embedded", 34, 64, 64, 10 },
        { "embedded", 17, 96, 64, 30 },
        { "middle", 5, 96, 64, 20 },
        { "middle", 1, 128, 96, 64 },
        { "middle of bytes", 5, 96, 64, 20 },
    };

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData("embedded", 10)]
    [InlineData("embedded", 32)]
    [InlineData("middle", 5)]
    [InlineData("middle", 64)]
    public void Text_encoding(string name, int tokens)
    {
        using var model = Open(name);
        var ids = Enumerable.Range(0, tokens).Select(i => i % model.Config.TextEncoder.VocabSize).ToArray();
        Compare(TextWork.Of(_engine, model.Config.TextEncoder, tokens), () =>
        {
            using var encoder = T5Encoder.Load(_engine, model.TextEncoder, model.Config.TextEncoder);
            encoder.Encode(ids, [tokens], null, CancellationToken.None).Dispose();
        });
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Denoising(string name, int frames, int width, int height, int tokens)
    {
        using var model = Open(name);
        foreach (var (slices, mergeSteps, keepsText) in (IEnumerable<(ActivationSlices, int, bool)>)[
            (ActivationSlices.Whole, 0, true), (ActivationSlices.Whole, 2, true), (new(4, 4, 4), 0, true), (new(8, 2, 16), 1, true),
            (ActivationSlices.Whole, 0, false), (new(16, 2, 16), 1, false)])
        {
            var request = Request(frames, width, height) with { MergeSteps = mergeSteps };
            using var fresh = new ComputeEngine(1);
            Compare(fresh, new TransformerWork(fresh, model.Config, request, tokens, name == "middle of bytes").Of(slices, keepsText), () => Denoise(fresh, model, request, tokens, slices, keepsText));
        }
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Decoding(string name, int frames, int width, int height, int tokens)
    {
        _ = tokens;
        using var model = Open(name);
        var size = LatentSize.Of(model.Config.Vae, frames, height, width);
        foreach (var tile in (int?[])[null, 8])
        {
            using var fresh = new ComputeEngine(1);
            var (time, pictures) = (DecoderWork.Temporal(fresh, model.Config.Vae, size, frames), DecoderWork.Spatial(fresh, model.Config.Vae, size, frames, tile));
            var larger = new StageWork(Math.Max(time.ActivationBytes, pictures.ActivationBytes), Math.Max(time.ScratchBytes, pictures.ScratchBytes), 0);
            Compare(fresh, larger, () =>
            {
                using var latents = fresh.AllocateZeroed(model.Config.Vae.LatentChannels, size.Frames, size.Height, size.Width);
                VideoDecoder.Load(fresh, model.Vae, model.Config.Vae, tile).Decode(latents, frames, (_, _) => { }, CancellationToken.None);
            });
        }
    }

    internal static VideoRequest Request(int frames, int width, int height) => new()
    {
        Prompt = "x",
        Frames = frames,
        Width = width,
        Height = height,
        FramesPerSecond = 24,
        Steps = 2,
        GuidanceScale = 7,
    };

    private ModelFolder Open(string name) => ModelFolder.Open(name switch
    {
        "embedded" => EmbeddedModel.Folder,
        "middle of bytes" => middle.ByteFolder,
        _ => middle.Folder,
    });

    private void Compare(StageWork predicted, Action run) => Compare(_engine, predicted, run);

    private static void Compare(ComputeEngine engine, StageWork predicted, Action run)
    {
        engine.Memory.ResetWorkingPeak();
        run();
        var measured = engine.Memory.PeakWorkingBytes;
        var expected = predicted.ActivationBytes + predicted.ScratchBytes;
        Assert.True(expected >= measured && expected <= Math.Max(1.25 * measured, measured + 524_288), $"predicted {expected:N0} (of them scratch {predicted.ScratchBytes:N0}), measured {measured:N0}: {expected / (double)measured:0.000}");
    }

    /// <summary>The denoising stage with features of any length and given slices.</summary>
    private static void Denoise(ComputeEngine engine, ModelFolder model, VideoRequest request, int tokens, ActivationSlices slices, bool keepsText)
    {
        using var features = engine.AllocateZeroed(1, tokens, model.Config.TextEncoder.DModel);
        using var transformer = STDiT3.Load(engine, model.Transformer, model.Config.Transformer);
        transformer.Slices = slices;
        using var both = engine.AllocateZeroed(2, tokens, features.Shape[2]);
        using var text = transformer.Caption.Run(engine, both, [.. Enumerable.Repeat(true, 2 * tokens)], keepsText);
        both.Dispose();
        var size = LatentSize.Of(model.Config.Vae, request.Frames!.Value, request.Height!.Value, request.Width!.Value);
        using var latents = engine.AllocateZeroed(1, model.Config.Vae.LatentChannels, size.Frames, size.Height, size.Width);
        new NoiseGenerator(1).FillNormal(latents.Span);
        var video = new VideoGeometry(request.Height.Value, request.Width.Value, 24);
        using var conditioned = new ConditionedSTDiT3(transformer, text, video);
        new RectifiedFlowSampler(engine, conditioned).Run(latents, new SamplingSettings
        {
            Schedule = new RectifiedFlowSchedule(2, null, false),
            Guidance = new ClassifierFreeGuidance(7),
            Leap = request.Leap,
            MergeSteps = request.MergeSteps,
        });
    }
}
