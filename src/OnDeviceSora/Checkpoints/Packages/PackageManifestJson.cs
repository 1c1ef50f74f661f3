using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>Reads and writes <c>manifest.json</c>.</summary>
internal static class PackageManifestJson
{
    /// <summary>The largest manifest that is read, in bytes.</summary>
    public const long MaximumBytes = 8 * 1024 * 1024;

    // The checksum is of the file as it is while the checksum itself is this.
    private static readonly string NoChecksum = new('0', 64);
    private static readonly byte[] ChecksumKey = "\"checksum\": \""u8.ToArray();

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file's bytes.</summary>
    public static byte[] Write(PackageManifest manifest)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("format_version", PackageManifest.FormatVersion);
            json.WriteString("checksum", NoChecksum);
            json.WriteString("name", manifest.Name);
            json.WriteStartObject("precision");
            json.WriteString(ModelFolder.TextEncoderName, manifest.Precision.TextEncoder.Name());
            json.WriteString(ModelFolder.TransformerName, manifest.Precision.Transformer.Name());
            json.WriteString(ModelFolder.VaeName, manifest.Precision.Vae.Name());
            json.WriteEndObject();
            json.WriteStartObject("source_revisions");
            foreach (var (repository, commit) in manifest.SourceRevisions.OrderBy(r => r.Key, StringComparer.Ordinal)) json.WriteString(repository, commit);
            json.WriteEndObject();
            WriteFiles(json, manifest.Files);
            WriteErrors(json, manifest.Errors);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        var bytes = buffer.ToArray();
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(bytes))).CopyTo(Checksum(bytes));
        return bytes;
    }

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="InvalidFileException">It is missing, damaged, or of a version that is not known.</exception>
    public static PackageManifest Load(string path)
    {
        var bytes = CheckpointFile.ReadAll(path, MaximumBytes);
        using var document = JsonFile.Parse(path, bytes);
        var root = new ManifestSection(path, "", document.RootElement);
        // First of all: a newer version may mean anything by the rest.
        var version = root.Number("format_version");
        if (version != PackageManifest.FormatVersion)
        {
            throw new InvalidFileException(path, string.Create(CultureInfo.InvariantCulture,
                $"the package has format version {version}; this program reads version {PackageManifest.FormatVersion}: {(version > PackageManifest.FormatVersion ? "a newer program is needed" : "convert the model again")}"));
        }

        RequireChecksum(path, bytes, root.Hash("checksum"));
        return Parse(root);
    }

    private static PackageManifest Parse(ManifestSection root)
    {
        var precision = root.Section("precision");
        var files = root.Items("files").Select(file => new PackageFile(
            file.FileName("name"), file.Number("size"), file.Hash("sha256"), [.. file.Items("blocks").Select(Block)])).ToList();
        foreach (var file in files) RequireOrder(root, file);
        if (files.Select(f => f.Name).Distinct(StringComparer.Ordinal).Count() != files.Count) throw root.Invalid("files lists a name twice");
        return new PackageManifest(
            root.Text("name"),
            new PackagePrecision(precision.Precision(ModelFolder.TextEncoderName), precision.Precision(ModelFolder.TransformerName), precision.Precision(ModelFolder.VaeName)),
            root.Section("source_revisions").Texts(),
            files,
            [.. root.Items("errors").Select(e => new ConversionError(e.FileName("file"), e.Text("tensor"), e.Real("relative_l2")))]);
    }

    private static PackageBlock Block(ManifestSection block) => new(
        block.Text("name"), block.Number("offset"), block.Number("size"), block.Hash("sha256"), (int)Math.Min(int.MaxValue, block.Number("tensors")));

    private static void RequireOrder(ManifestSection root, PackageFile file)
    {
        var end = 0L;
        foreach (var block in file.Blocks)
        {
            var name = $"block {Describe.Quote(block.Name)} of {Describe.Quote(file.Name)}";
            if (block.Offset % PackageLayout.Alignment != 0) throw root.Invalid($"{name} begins at byte {block.Offset}, which is no multiple of {PackageLayout.Alignment}");
            if (block.Offset < end) throw root.Invalid($"{name} begins at byte {block.Offset}, before the end of the block in front of it at {end}");
            if (block.Size > file.Size - block.Offset) throw root.Invalid($"{name} ends beyond the file's {file.Size} bytes");
            end = block.Offset + block.Size;
        }
    }

    private static void RequireChecksum(string path, byte[] bytes, string expected)
    {
        Encoding.ASCII.GetBytes(NoChecksum).CopyTo(Checksum(bytes, path));
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != expected)
            throw new InvalidFileException(path, "the manifest is damaged or was edited: it does not have the checksum that it says");
    }

    private static Span<byte> Checksum(byte[] bytes, string path = PackageManifest.FileName)
    {
        var at = bytes.AsSpan().IndexOf(ChecksumKey);
        if (at < 0 || at + ChecksumKey.Length + NoChecksum.Length > bytes.Length)
            throw new InvalidFileException(path, "the manifest is damaged or was edited: its checksum is not where it is written");
        return bytes.AsSpan(at + ChecksumKey.Length, NoChecksum.Length);
    }

    private static void WriteFiles(Utf8JsonWriter json, IReadOnlyList<PackageFile> files)
    {
        json.WriteStartArray("files");
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteNumber("size", file.Size);
            json.WriteString("sha256", file.Sha256);
            json.WriteStartArray("blocks");
            foreach (var block in file.Blocks)
            {
                json.WriteStartObject();
                json.WriteString("name", block.Name);
                json.WriteNumber("offset", block.Offset);
                json.WriteNumber("size", block.Size);
                json.WriteString("sha256", block.Sha256);
                json.WriteNumber("tensors", block.Tensors);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteErrors(Utf8JsonWriter json, IReadOnlyList<ConversionError> errors)
    {
        json.WriteStartArray("errors");
        foreach (var error in errors)
        {
            json.WriteStartObject();
            json.WriteString("file", error.File);
            json.WriteString("tensor", error.Tensor);
            json.WriteNumber("relative_l2", error.RelativeL2);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
