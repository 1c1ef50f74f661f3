using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Bench.Synthesis;

/// <summary>A device package of made-up weights that lasts as long as a measurement.</summary>
internal sealed class SyntheticPackage : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("sora-bench-").FullName;

    /// <summary>Writes the package.</summary>
    public SyntheticPackage(ModelConfig config)
    {
        Folder = Path.Combine(_parent, "package");
        using var source = SynthesizeCommand.Source("synthetic", config, File.ReadAllBytes(SynthesizeCommand.EmbeddedTokenizer()), seed: 1);
        PackageWriter.Write(source, Folder, new PackagePrecision(WeightPrecision.Int8, WeightPrecision.Bf16, WeightPrecision.Fp32), false, null, default);
    }

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    /// <summary>Removes it.</summary>
    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
