namespace OnDeviceSora.Checkpoints;

/// <summary>The result of checking a package.</summary>
/// <param name="Path">The package.</param>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Problems">What is wrong; empty when all is well.</param>
public sealed record PackageVerification(string Path, PackageManifest Manifest, IReadOnlyList<PackageProblem> Problems)
{
    /// <summary>Whether all is well.</summary>
    public bool IsSound => Problems.Count == 0;
}

/// <summary>Something wrong in a package.</summary>
/// <param name="File">The file, by its name in the package.</param>
/// <param name="Block">The block; <c>null</c> when it is the file as a whole.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record PackageProblem(string File, string? Block, string Problem);
