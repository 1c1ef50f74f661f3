namespace OnDeviceSora.Installed;

/// <summary>How a model came to be here.</summary>
public enum InstalledKind
{
    /// <summary>The small model that comes with the program.</summary>
    Embedded,
    /// <summary>A model folder.</summary>
    Folder,
    /// <summary>A device package: a model folder with a <c>manifest.json</c>, laid out block by block.</summary>
    Package,
    /// <summary>A published model in the hub's cache; it must be converted before it runs.</summary>
    Pulled,
}

/// <summary>The weights of one part of an installed model.</summary>
/// <param name="Name"><c>text_encoder</c>, <c>transformer</c> or <c>vae</c>.</param>
/// <param name="Path">The file, index or folder.</param>
/// <param name="Precision">The element type of most of its bytes, for example <c>BF16</c>; <c>null</c> when it cannot be read.</param>
/// <param name="Bytes">Bytes of its tensors.</param>
/// <param name="Source">The repository and commit it is from, for a pulled model; else <c>null</c>.</param>
public sealed record InstalledPart(string Name, string Path, string? Precision, long Bytes, string? Source = null);

/// <summary>A model on this machine.</summary>
/// <param name="Name">What <c>--model</c> calls it.</param>
/// <param name="Kind">How it came to be here.</param>
/// <param name="Path">Its folder; for a pulled model, the hub's cache.</param>
/// <param name="Bytes">Bytes of its files on the disk.</param>
/// <param name="Parts">Its weights, those that are there.</param>
/// <param name="Problems">What is missing or damaged; empty when it is whole.</param>
/// <param name="SmallestMemory">
/// The smallest memory budget, in bytes, that its default video fits; <c>null</c> for models that cannot run as they are.
/// </param>
public sealed record InstalledModel(
    string Name, InstalledKind Kind, string Path, long Bytes, IReadOnlyList<InstalledPart> Parts, IReadOnlyList<string> Problems, long? SmallestMemory = null)
{
    /// <summary>Whether nothing is missing.</summary>
    public bool IsWhole => Problems.Count == 0;

    /// <summary>Whether it can run as it is.</summary>
    public bool IsUsable => IsWhole && Kind != InstalledKind.Pulled;

    /// <summary>Bytes of its weights.</summary>
    public long WeightBytes => Parts.Sum(part => part.Bytes);
}
