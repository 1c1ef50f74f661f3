using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Bench.Precision;

/// <summary>A model and packages of it in other precisions, opened. The packages last as long as this object.</summary>
internal sealed class ComparedModels : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sora-precision-");
    private readonly List<VideoPipeline> _pipelines = [];

    /// <summary>Converts and opens the models.</summary>
    /// <param name="model">The model's folder.</param>
    /// <param name="precisions">A package for each.</param>
    /// <param name="threads">Compute threads of each.</param>
    public ComparedModels(string model, IReadOnlyList<PackagePrecision> precisions, int threads)
    {
        Names = ["reference", .. precisions.Select(precision => precision.Transformer.Name())];
        try
        {
            _pipelines.Add(Open(model, threads));
            foreach (var precision in precisions) _pipelines.Add(Open(Converted(model, precision), threads));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the models are called, in the order of <see cref="Pipelines"/>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The model itself, then its packages.</summary>
    public IReadOnlyList<VideoPipeline> Pipelines => _pipelines;

    public void Dispose()
    {
        foreach (var pipeline in _pipelines) pipeline.Dispose();
        _folder.Delete(recursive: true);
    }

    private static VideoPipeline Open(string folder, int threads) => VideoPipeline.Open(folder, new PipelineOptions { Threads = threads });

    private string Converted(string model, PackagePrecision precision)
    {
        var package = Path.Combine(_folder.FullName, $"{_pipelines.Count}-{precision.Transformer.Name()}");
        DevicePackage.Convert(model, package, precision);
        return package;
    }
}
