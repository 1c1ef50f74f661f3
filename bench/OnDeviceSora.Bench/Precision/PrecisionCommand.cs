using System.CommandLine;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Bench.Precision;

/// <summary><c>bench precision</c>: what a transformer of fewer bits does to the embedded model's videos.</summary>
internal static class PrecisionCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Option<int> threads, Option<bool> json)
    {
        var model = new Option<string>("--model") { Description = "The embedded model, or another of its world, in single precision.", HelpName = "DIR", Required = true };
        var precisions = new Option<string>("--precisions") { Description = "Transformers to compare with the model's own, by commas.", DefaultValueFactory = _ => "bf16,int8" };
        precisions.Validators.Add(option =>
        {
            var unknown = option.GetRequiredValue(precisions).Split(',').FirstOrDefault(name => !WeightPrecisions.TryParse(name, out _));
            if (unknown is not null) option.AddError($"'{unknown}' is no precision; fp32, bf16, fp16 and int8 are.");
        });
        var text = PrecisionOption("--text-encoder", "The text encoder beside them.", "fp32", "bf16", "fp16", "int8");
        var vae = PrecisionOption("--vae", "The autoencoder beside them.", "fp32", "bf16", "fp16");
        var prompts = new Option<int>("--prompts") { Description = "Sentences, every third of a colour and a shape that training never showed together.", DefaultValueFactory = _ => 32 };
        prompts.Validators.Add(option =>
        {
            if (option.GetValue(prompts) < 1) option.AddError("--prompts must be at least 1.");
        });
        var seed = new Option<int>("--seed") { Description = "Chooses the sentences; the noise of each is this seed and its number together.", DefaultValueFactory = _ => 1 };
        var steps = new Option<int?>("--steps") { Description = "Denoising steps. Default: the model's." };
        var command = new Command("precision", "Similarity and score of videos of the same sentences and noises by transformers of several precisions.")
        { model, precisions, text, vae, prompts, seed, steps, threads, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var packages = parsed.GetRequiredValue(precisions).Split(',').Select(Parse)
                .Select(transformer => new PackagePrecision(Parse(parsed.GetRequiredValue(text)), transformer, Parse(parsed.GetRequiredValue(vae)))).ToList();
            var sentences = Prompt.Draw(parsed.GetValue(prompts), parsed.GetValue(seed));
            using var models = new ComparedModels(parsed.GetRequiredValue(model), packages, parsed.GetValue(threads));
            var results = await PrecisionComparison.Run(models, sentences, parsed.GetValue(seed), parsed.GetValue(steps), cancellation).ConfigureAwait(false);
            new PrecisionReport(Console.Out, parsed.GetValue(json)).Print(results);
        });
        return command;
    }

    private static Option<string> PrecisionOption(string name, string description, params string[] names)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => "fp32" };
        option.AcceptOnlyFromAmong(names);
        return option;
    }

    private static WeightPrecision Parse(string name) => WeightPrecisions.TryParse(name, out var precision) ? precision : throw new ArgumentException($"'{name}' is no precision.", nameof(name));
}
