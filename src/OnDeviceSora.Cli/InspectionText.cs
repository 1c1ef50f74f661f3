using System.Globalization;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Cli;

/// <summary>An inspection as text: every tensor on a line, and the verdicts at the end, where they are seen.</summary>
internal static class InspectionText
{
    private const int MaximumNames = 50;

    public static void Write(TextWriter output, ModelInspection inspection)
    {
        foreach (var checkpoint in inspection.Checkpoints)
            WriteTensors(output, checkpoint);
        foreach (var checkpoint in inspection.Checkpoints)
            WriteVerdict(output, checkpoint);
        if (!inspection.IsModelFolder)
            return;
        foreach (string part in inspection.MissingParts)
            output.WriteLine($"missing part: {Printable(part)}");
        output.WriteLine($"{Printable(inspection.Path)}: {(inspection.IsComplete ? "a complete model folder" : "an incomplete model folder")}");
        if (inspection.Manifest is { } manifest)
            WriteManifest(output, manifest);
    }

    private static void WriteTensors(TextWriter output, CheckpointInspection checkpoint)
    {
        output.WriteLine(Printable(checkpoint.Path));
        int width = Math.Min(80, checkpoint.Tensors.Select(tensor => Printable(tensor.Name).Length).DefaultIfEmpty().Max());
        foreach (var tensor in checkpoint.Tensors)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {Printable(tensor.Name).PadRight(width)}  {tensor.ElementType,-4}  {tensor.ShapeText,-22}  {tensor.ByteLength:N0} bytes"));
        }
    }

    private static void WriteVerdict(TextWriter output, CheckpointInspection checkpoint)
    {
        string types = string.Join(", ", checkpoint.Tensors.Select(tensor => tensor.ElementType.ToString()).Distinct().Order(StringComparer.Ordinal));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Printable(checkpoint.Path)}: {checkpoint.Tensors.Count} tensors ({types}), {checkpoint.Parameters / 1e6:0.###} million elements, {ProgressText.Bytes(checkpoint.Bytes)}"));
        if (checkpoint.Fit is not { } fit)
        {
            output.WriteLine("  " + Printable(checkpoint.Problem ?? "not compared with a model"));
            return;
        }

        string against = checkpoint.ConfigPath is { } config ? $"as {Printable(config)} describes it" : "with the sizes that its own tensors imply";
        output.WriteLine($"  {(fit.IsComplete ? "complete" : "NOT complete")} for {NameOf(checkpoint.Kind)}, {against}");
        WriteNames(output, "missing", fit.Missing);
        WriteNames(output, "does not fit", [.. fit.Mismatched.Select(mismatch => $"{mismatch.Name} {mismatch.Problem}")]);
        WriteNames(output, "not used", fit.Unexpected);
    }

    private static void WriteManifest(TextWriter output, PackageManifest manifest)
    {
        var precision = manifest.Precision;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"device package '{Printable(manifest.Name)}', format {PackageManifest.FormatVersion}, {ProgressText.Bytes(manifest.Bytes)}: text encoder {precision.TextEncoder.Name()}, transformer {precision.Transformer.Name()}, autoencoder {precision.Vae.Name()}"));
        foreach (var file in manifest.Files.Where(file => file.Blocks.Count > 0))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {Printable(file.Name)}: {file.Blocks.Count} blocks, the largest {ProgressText.Bytes(file.Blocks.Max(block => block.Size))}"));
        }

        foreach (var (repository, commit) in manifest.SourceRevisions)
            output.WriteLine($"  made from {Printable(repository)} at {Printable(commit)}");
    }

    private static void WriteNames(TextWriter output, string label, IReadOnlyList<string> names)
    {
        foreach (string name in names.Take(MaximumNames))
            output.WriteLine($"  {label}: {Printable(name)}");
        if (names.Count > MaximumNames)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {label}: {names.Count - MaximumNames} more (all of them with --json)"));
    }

    private static string NameOf(ModelKind kind) => kind switch
    {
        ModelKind.T5Encoder => "a T5 encoder",
        ModelKind.STDiT3 => "an STDiT3 transformer",
        ModelKind.Vae => "an Open-Sora v1.2 video autoencoder",
        _ => "no model that sora runs",
    };

    // Names come from untrusted files: they must not steer the terminal.
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
