namespace OnDeviceSora.Checkpoints;

/// <summary>Makes and checks device packages: model folders laid out for reading block by block (see <see cref="PackageManifest"/>).</summary>
public static class DevicePackage
{
    /// <summary>
    /// Converts a model into a device package. Weights stream through a few megabytes of memory, whatever the model's size. The
    /// package appears under its name only when it is complete.
    /// </summary>
    /// <param name="source">A model folder, or a folder with the three published repositories (<see cref="PublishedParts.Find"/>).</param>
    /// <param name="destination">The package's folder, which must not exist or be empty.</param>
    /// <param name="precision">How to store the weights.</param>
    /// <param name="replace">Whether a package of that name may be replaced.</param>
    /// <param name="progress">Receives progress, at most ten times a second.</param>
    /// <param name="cancellation">Stops the work; nothing is left behind.</param>
    /// <returns>The package's manifest, with the error of every layer.</returns>
    /// <exception cref="InvalidModelException">The source is incomplete, or a weight cannot be stored in the precision.</exception>
    /// <exception cref="InvalidFileException">A file of the source is damaged.</exception>
    /// <exception cref="InvalidRequestException">The precision is not supported.</exception>
    /// <exception cref="OutputException">The package cannot be written, or there is not enough room for it.</exception>
    public static PackageManifest Convert(
        string source, string destination, PackagePrecision precision, bool replace = false,
        IProgress<PackageProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(precision);
        using var model = ModelSource.Open(source);
        return PackageWriter.Write(model, destination, precision, replace, progress, cancellation);
    }

    /// <summary>Converts the published repositories into a device package, like <see cref="Convert(string, string, PackagePrecision, bool, IProgress{PackageProgress}?, CancellationToken)"/>.</summary>
    /// <param name="source">The repositories' folders.</param>
    /// <param name="destination">The package's folder, which must not exist or be empty.</param>
    /// <param name="precision">How to store the weights.</param>
    /// <param name="replace">Whether a package of that name may be replaced.</param>
    /// <param name="progress">Receives progress, at most ten times a second.</param>
    /// <param name="cancellation">Stops the work; nothing is left behind.</param>
    /// <returns>The package's manifest, with the error of every layer.</returns>
    public static PackageManifest Convert(
        PublishedParts source, string destination, PackagePrecision precision, bool replace = false,
        IProgress<PackageProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(precision);
        using var model = ModelSource.FromParts(source);
        return PackageWriter.Write(model, destination, precision, replace, progress, cancellation);
    }

    /// <summary>Reads every byte of a package and compares it with the manifest, and the tensors with the configuration.</summary>
    /// <param name="folder">The package.</param>
    /// <param name="progress">Receives progress, at most ten times a second.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="InvalidModelException">The folder does not exist or is no package.</exception>
    /// <exception cref="InvalidFileException">The manifest is damaged or of a newer version.</exception>
    public static PackageVerification Verify(string folder, IProgress<PackageProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return PackageVerifier.Verify(folder, progress, cancellation);
    }
}
