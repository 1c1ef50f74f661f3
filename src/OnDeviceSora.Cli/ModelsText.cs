using OnDeviceSora.Budget;
using OnDeviceSora.Installed;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary>Installed models as a table for a person, or as lines with tabs for a script.</summary>
internal static class ModelsText
{
    private static readonly string[] Headings = ["name", "kind", "size", "precision", "needs", "path"];

    public static string Kind(InstalledKind kind) => kind switch
    {
        InstalledKind.Embedded => "embedded",
        InstalledKind.Package => "package",
        InstalledKind.Pulled => "pulled",
        _ => "folder",
    };

    /// <summary>What a model needs before or when it runs.</summary>
    public static string Needs(InstalledModel model) => model switch
    {
        { Kind: InstalledKind.Pulled, Problems: [var first, ..] } => first.StartsWith("missing: ", StringComparison.Ordinal)
            ? $"incomplete: sora pull {model.Name}"
            : $"damaged: sora pull {model.Name} --verify",
        { IsWhole: false } => "repair; see below",
        { Kind: InstalledKind.Pulled } => $"convert first: {PullText.Next(model.Name)}",
        { SmallestMemory: { } bytes } => $"{MemorySize.Describe(bytes)} of memory",
        _ => "",
    };

    public static void WriteTable(IAnsiConsole console, IReadOnlyList<InstalledModel> models)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in Headings)
            table.AddColumn(heading);
        foreach (var model in models)
            table.AddRow([.. Cells(model).Select(Markup.Escape)]);
        if (models.Count > 0)
            console.Write(table);
        foreach (string problem in Problems(models))
            console.MarkupLineInterpolated($"[red]{problem}[/]");
    }

    public static void WriteLines(TextWriter output, IReadOnlyList<InstalledModel> models)
    {
        foreach (var model in models)
            output.WriteLine(string.Join('\t', Cells(model)));
        foreach (string problem in Problems(models))
            output.WriteLine(problem);
    }

    private static string[] Cells(InstalledModel model) =>
        [Printable(model.Name), Kind(model.Kind), ProgressText.Bytes(model.Bytes), Precision(model), Needs(model), Printable(model.Path)];

    private static string Precision(InstalledModel model) =>
        string.Join(", ", model.Parts.Select(part => $"{part.Name} {part.Precision ?? "?"}"));

    private static IEnumerable<string> Problems(IReadOnlyList<InstalledModel> models) =>
        models.SelectMany(model => model.Problems.Select(problem => $"{Printable(model.Name)}: {Printable(problem)}"));

    // Names of folders and tensors must not steer the terminal.
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
