using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using OnDeviceSora.Bench.Precision;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Bench.Quality;

/// <summary><c>bench quality</c>: what each technique saves and what it costs, on any model of the embedded one's world (the paper's Tables 3 and 4, Figure 5).</summary>
internal static class QualityCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Option<int> threads, Option<bool> json)
    {
        var model = new Option<string>("--model") { Description = "The model's folder.", HelpName = "DIR", Required = true };
        var prompts = new Option<int>("--prompts") { Description = "Sentences, every third of a colour and a shape that training never showed together.", DefaultValueFactory = _ => 32 };
        var two = new Option<bool>("--two") { Description = "Sentences with two things; their scores are the means of both." };
        var wording = new Option<Wording>("--wording") { Description = "usual: the world's own words; free: as people write, with words that the model cannot know.", DefaultValueFactory = _ => Wording.Usual };
        var seed = new Option<int>("--seed") { Description = "Chooses the sentences; the noise of each is this seed and its number together.", DefaultValueFactory = _ => 1 };
        var steps = new Option<int>("--steps") { Description = "Denoising steps without a technique; the others are in the paper's proportion.", DefaultValueFactory = _ => 30 };
        var shown = new Option<int>("--shown") { Description = "Sentences of which the page has pictures.", DefaultValueFactory = _ => 6 };
        var page = new Option<string?>("--page") { Description = "Also write a page with pictures and curves.", HelpName = "FILE.html" };
        var techniques = new Option<string[]>("--technique") { Description = "Measure only this technique, beside no technique; may be repeated. Without it: all." };
        techniques.AcceptOnlyFromAmong(Method.Baseline, Method.FewerSteps, Method.Leap, Method.Merging, Method.Both, Method.Precision);
        foreach (var option in (Option<int>[])[prompts, steps]) option.Validators.Add(AtLeastOne(option));
        var command = new Command("quality", "Fewer steps, LPL, TDTM and precisions beside no technique: similarity, score, motion and time.") { model, prompts, two, wording, seed, steps, techniques, shown, page, threads, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var chosen = parsed.GetValue(techniques) ?? [];
            bool IsChosen(string technique) => chosen.Length == 0 || chosen.Contains(technique, StringComparer.Ordinal);
            WeightPrecision[] precisions = IsChosen(Method.Precision) ? [WeightPrecision.Bf16, WeightPrecision.Int8] : [];
            var packages = precisions.Select(precision => new PackagePrecision(WeightPrecision.Fp32, precision, WeightPrecision.Fp32)).ToList();
            using var models = new ComparedModels(parsed.GetRequiredValue(model), packages, parsed.GetValue(threads));
            var count = parsed.GetValue(prompts);
            var methods = Method.All(parsed.GetValue(steps), precisions).Where(method => method.Group == Method.Baseline || IsChosen(method.Group)).ToList();
            var clock = Stopwatch.StartNew();
            var sentences = Prompt.Draw(count, parsed.GetValue(seed), parsed.GetValue(two), parsed.GetValue(wording));
            var results = await new QualityRun(models, methods, parsed.GetValue(shown))
                .RunAsync(sentences, parsed.GetValue(seed), parsed.GetValue(steps), done => Tell(done, count, methods.Count, clock), cancellation).ConfigureAwait(false);
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetRequiredValue(model))));
            if (parsed.GetValue(page) is { } path) QualityPage.Save(path, QualityJson.Of(name, results, pictures: true));
            if (parsed.GetValue(json)) Console.WriteLine(QualityJson.Of(name, results, pictures: false));
            else QualityTable.Write(Console.Out, results);
        });
        return command;
    }

    private static void Tell(int done, int count, int methods, Stopwatch clock) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{done} of {count} sentences by {methods} methods, {clock.Elapsed.TotalMinutes:0.0} min, about {clock.Elapsed.TotalMinutes / done * (count - done):0.0} min left"));

    private static Action<System.CommandLine.Parsing.OptionResult> AtLeastOne(Option<int> option) => result =>
    {
        if (result.GetValue(option) < 1) result.AddError($"{option.Name} must be at least 1.");
    };
}
