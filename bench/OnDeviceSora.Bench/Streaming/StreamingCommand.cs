using System.CommandLine;
using OnDeviceSora.Bench.Synthesis;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Streaming;

/// <summary><c>bench streaming</c>: the paper's Figures 8, 14 and 15: what Concurrent Inference and Dynamic Loading save.</summary>
internal static class StreamingCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Option<int> threads, Option<bool> json)
    {
        var package = new Option<string?>("--package") { Description = "A device package. Default: one of reduced size, made anew.", HelpName = "DIR" };
        var frames = new Option<int>("--frames") { Description = "Frames of the video that is denoised.", DefaultValueFactory = _ => 17 };
        var side = new Option<int>("--side") { Description = "Its width and height in pixels.", DefaultValueFactory = _ => 96 };
        var steps = new Option<int>("--steps") { Description = "Denoising steps, each a pass over the transformer's blocks.", DefaultValueFactory = _ => 4 };
        var tokens = new Option<int>("--tokens") { Description = "Tokens of the prompt.", DefaultValueFactory = _ => 64 };
        var transformerLoad = Load("--transformer-load", "transformer", 1);
        var textLoad = Load("--text-load", "text encoder", 4);
        var works = new Option<string>("--work") { Description = "What to measure.", DefaultValueFactory = _ => "both" };
        works.AcceptOnlyFromAmong("stdit", "t5", "both");
        var timeline = new Option<string?>("--timelines") { Description = "Write each mode's timeline to this folder, as a page and as a picture of its first two passes.", HelpName = "DIR" };
        var command = new Command("streaming",
            "Sequential, concurrent, concurrent + dynamic and resident blocks, of the transformer and the text encoder. Reading is slowed down so that the load of a block takes as long, against its computation, as the options say.")
        { works, package, frames, side, steps, tokens, transformerLoad, textLoad, timeline, threads, json };
        command.SetAction(parsed =>
        {
            using var synthetic = parsed.GetValue(package) is null ? new SyntheticPackage(SyntheticModels.ForStreaming) : null;
            using var model = ModelFolder.Open(parsed.GetValue(package) ?? synthetic!.Folder);
            using var engine = new ComputeEngine(parsed.GetValue(threads));
            var report = new StreamingReport(parsed.GetValue(json), parsed.GetValue(timeline));
            if (parsed.GetValue(works) != "t5")
            {
                using var transformer = new TransformerWork(engine, model, parsed.GetValue(frames), parsed.GetValue(side), parsed.GetValue(steps));
                new StreamingComparison(engine, report).Run(transformer, parsed.GetValue(transformerLoad));
                report.Print(LoaderOverhead.Measure(engine, model, transformer.LatentFrames, transformer.Patches));
            }
            if (parsed.GetValue(works) != "stdit") new StreamingComparison(engine, report).Run(new TextEncoderWork(engine, model, parsed.GetValue(tokens)), parsed.GetValue(textLoad));
        });
        return command;
    }

    private static Option<double> Load(string name, string model, double fallback) => new(name)
    {
        Description = $"Time to load a block of the {model}, as a multiple of the time to compute it.",
        DefaultValueFactory = _ => fallback,
    };
}
