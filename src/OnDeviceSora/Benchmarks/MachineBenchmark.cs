using System.Diagnostics;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Benchmarks;

/// <summary>How fast this machine is for this project: its limits, a matrix product and a pair of transformer blocks in each precision.</summary>
public sealed class MachineBenchmark : IDisposable
{
    private static readonly TimeSpan LongestLimitTime = TimeSpan.FromSeconds(1);

    private readonly ComputeEngine _engine;
    private readonly MachineBenchmarkOptions _options;
    private readonly List<(string Name, ModelConfig Config, VideoRequest Request)> _models = [];
    private readonly MatMulWork _product;
    private readonly BlockPairsWork _blocks;
    private readonly Dictionary<(IBenchmarkWork, ProductPrecision), double> _operationsPerSecond = [];

    /// <summary>Prepares it.</summary>
    /// <exception cref="InvalidModelException">The folder holds no model.</exception>
    /// <exception cref="InvalidRequestException">The models make no video of that size.</exception>
    public MachineBenchmark(MachineBenchmarkOptions options)
    {
        var video = VideoSize.Default;
        _options = options;
        var request = VideoOperations.Request(FullSizeModel.Config, options.Width ?? video.Width, options.Height ?? video.Height, options.Frames ?? video.Frames);
        _models.Add(("Open-Sora v1.2", FullSizeModel.Config, request));
        if (options.Model is { } folder) _models.Add(Describe(folder, options));
        _blocks = BlockPairsWork.Pair(SizeOf(request));
        // Less for a small video: both batch items.
        _product = MatMulWork.OfSTDiT3[0] with { Rows = Math.Min(MatMulWork.OfSTDiT3[0].Rows, 2 * _blocks.Tokens) };
        _engine = new ComputeEngine(options.Threads);
    }

    /// <summary>Measures, figure by figure.</summary>
    /// <param name="cancellation">Looked at before every figure.</param>
    public IEnumerable<MachineFigure> Measure(CancellationToken cancellation = default)
    {
        var time = _options.FigureTime < LongestLimitTime ? _options.FigureTime : LongestLimitTime;
        var limits = MachineLimits.Measure(_engine, time);
        foreach (var precision in ProductPrecisions.All.Where(precision => limits.Products.ContainsKey(precision.Weights())))
            yield return new MachineFigure("kernel limit", precision, limits.Products[precision.Weights()] / 1e9, precision.Unit());
        yield return new MachineFigure("memory read", null, limits.BytesPerSecond / 1e9, "GB/s");
        foreach (var work in (IBenchmarkWork[])[_product, _blocks])
        {
            foreach (var precision in work.Precisions)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return Measure(work, precision, limits);
            }
        }
    }

    /// <summary>How long a video of each model would take in each precision.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Measure(CancellationToken)"/> has not measured everything yet.</exception>
    public IReadOnlyList<VideoForecast> Forecast() => [.. _models.SelectMany(model => Forecast(model.Name, model.Config, model.Request))];

    /// <summary>Stops the threads.</summary>
    public void Dispose() => _engine.Dispose();

    private static VideoSize SizeOf(VideoRequest request) => new(request.Height!.Value, request.Width!.Value, request.Frames!.Value);

    private static (string Name, ModelConfig Config, VideoRequest Request) Describe(string folder, MachineBenchmarkOptions options)
    {
        using var model = ModelFolder.Open(folder);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return (name, model.Config, VideoOperations.Request(model.Config, options.Width, options.Height, options.Frames));
    }

    private MachineFigure Measure(IBenchmarkWork work, ProductPrecision precision, MachineLimits limits)
    {
        using var prepared = work.Prepare(_engine, precision);
        prepared.WarmUp();
        var (clock, runs) = (Stopwatch.StartNew(), new List<double>());
        do runs.Add(Timing.SecondsOf(prepared.Run));
        while (clock.Elapsed < _options.FigureTime);
        var seconds = Timing.Median(runs);
        var rate = _operationsPerSecond[(work, precision)] = work.Operations / seconds;
        var roof = limits.Of(work, work.Products(_engine, precision), precision);
        return new MachineFigure(work.Name, precision, rate / 1e9, precision.Unit(), rate / roof.OperationsPerSecond, TimeSpan.FromSeconds(seconds));
    }

    private IEnumerable<VideoForecast> Forecast(string name, ModelConfig config, VideoRequest request)
    {
        var operations = VideoOperations.Of(_engine, config, request);
        return ProductPrecisions.All.Select(precision => new VideoForecast(name, SizeOf(request), request.Steps!.Value, precision, TimeOf(operations, precision)));
    }

    private TimeSpan TimeOf(VideoOperations operations, ProductPrecision precision)
    {
        var decoding = precision == ProductPrecision.Fp32 ? ProductPrecision.Fp32 : ProductPrecision.Bf16;
        return TimeSpan.FromSeconds(
            operations.Text / Rate(_product, ProductPrecision.Fp32) + operations.Denoising / Rate(_blocks, precision) + operations.Decoding / Rate(_product, decoding));
    }

    private double Rate(IBenchmarkWork work, ProductPrecision precision) =>
        _operationsPerSecond.TryGetValue((work, precision), out var rate) ? rate : throw new InvalidOperationException("Forecasts need all figures; measure first.");
}
