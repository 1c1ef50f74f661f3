using System.CommandLine;
using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Pipeline;
using OnDeviceSora.Tensors;
using OnDeviceSora.Text;

namespace OnDeviceSora.Bench.Layers;

/// <summary><c>bench layers</c>: what a package's precision costs, layer by layer; by it is decided which layers stay bfloat16.</summary>
internal static class LayersCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Option<int> threads, Option<bool> json)
    {
        var model = new Option<string>("--model") { Description = "The package that is measured.", HelpName = "DIR", Required = true };
        var reference = new Option<string>("--reference") { Description = "The same model in single precision, with its text encoder.", HelpName = "DIR", Required = true };
        var prompt = new Option<string>("--prompt") { Description = "The prompt.", DefaultValueFactory = _ => "a red ball rolls to the right" };
        var seed = new Option<long>("--seed") { Description = "The noise.", DefaultValueFactory = _ => 1 };
        var steps = new Option<int>("--steps") { Description = "Denoising steps, from noise to video.", DefaultValueFactory = _ => 4 };
        var frames = new Option<int?>("--frames") { Description = "Frames. Default: the model's." };
        var side = new Option<int?>("--side") { Description = "Width and height in pixels. Default: the model's." };
        var top = new Option<int>("--top") { Description = "Single layers to list.", DefaultValueFactory = _ => 20 };
        var command = new Command("layers", "The error of every layer and block of a package's transformer against the same model in single precision.")
        { model, reference, prompt, seed, steps, frames, side, top, threads, json };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            using var engine = new ComputeEngine(parsed.GetValue(threads));
            using var right = ModelFolder.Open(parsed.GetRequiredValue(reference));
            using var measured = ModelFolder.Open(parsed.GetRequiredValue(model));
            var request = new VideoRequest
            {
                Prompt = parsed.GetRequiredValue(prompt),
                Seed = parsed.GetValue(seed),
                Steps = parsed.GetValue(steps),
                Frames = parsed.GetValue(frames),
                Width = parsed.GetValue(side),
                Height = parsed.GetValue(side),
            };
            new LayerReport(Console.Out, parsed.GetValue(json)).Print(Measure(engine, right, measured, request, cancellation), parsed.GetValue(top));
        }, cancellation));
        return command;
    }

    /// <summary>Samples a video with the reference, and measures the package on the way.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="reference">The model in single precision.</param>
    /// <param name="package">The model that is measured.</param>
    /// <param name="request">What to sample; the reference's defaults stand in for what it leaves open.</param>
    /// <param name="cancellation">Stops the work within one block.</param>
    /// <exception cref="ArgumentException">The models have transformers of different sizes.</exception>
    public static LayerErrors Measure(ComputeEngine engine, ModelFolder reference, ModelFolder package, VideoRequest request, CancellationToken cancellation)
    {
        if (reference.Config.Transformer != package.Config.Transformer) throw new ArgumentException("The transformers of the two models have different sizes.", nameof(package));
        var video = new RequestResolver(reference.Config).Resolve(request);
        var geometry = new VideoGeometry(video.Height!.Value, video.Width!.Value, video.FramesPerSecond!.Value);
        using var features = Encode(engine, reference, video.Prompt, cancellation);
        using var right = new ObservedTransformer(engine, reference, features, geometry);
        using var measured = new ObservedTransformer(engine, package, features, geometry);
        var size = LatentSize.Of(reference.Config.Vae, video.Frames!.Value, video.Height.Value, video.Width.Value);
        using var latents = engine.Allocate(1, reference.Config.Vae.LatentChannels, size.Frames, size.Height, size.Width);
        new NoiseGenerator(video.Seed).FillNormal(latents.Span);
        var meter = new LayerErrorMeter(engine, right, measured);
        var transform = reference.Config.Sampling.UseTimestepTransform ? TimestepTransform.For(video.Height.Value, video.Width.Value, video.Frames.Value) : (TimestepTransform?)null;
        new RectifiedFlowSampler(engine, meter).Run(latents, new SamplingSettings
        {
            Schedule = new RectifiedFlowSchedule(video.Steps!.Value, transform, reference.Config.Sampling.UseDiscreteTimesteps),
            Guidance = new ClassifierFreeGuidance(video.GuidanceScale!.Value),
            MergeSteps = video.MergeSteps,
        }, cancellation: cancellation);
        return meter.Errors;
    }

    private static Tensor Encode(ComputeEngine engine, ModelFolder model, string prompt, CancellationToken cancellation)
    {
        var stage = new TextStage(engine, model, SentencePieceTokenizer.Load(model.TokenizerPath), new PipelineOptions());
        var tokens = stage.Tokenize(prompt);
        using var encoder = T5Encoder.Load(engine, model.TextEncoder, model.Config.TextEncoder);
        return encoder.Encode(tokens.RealIds, [tokens.Length], null, cancellation);
    }
}
