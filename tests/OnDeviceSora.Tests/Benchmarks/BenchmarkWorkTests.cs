using OnDeviceSora.Bench.Works;
using OnDeviceSora.Benchmarks;
using OnDeviceSora.Pipeline.Planning;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Benchmarks;

/// <summary>Work that is timed counts its operations rightly, runs in every precision, and is held against the right limit.</summary>
public sealed class BenchmarkWorkTests : IDisposable
{
    private readonly ComputeEngine _engine = new(2);

    [Fact]
    public void A_step_has_the_published_number_of_operations() =>
        Assert.InRange(BlockPairsWork.Step(VideoSize.Default).Operations, 21.7e12, 21.9e12);

    [Fact]
    public void A_step_and_the_text_encoder_have_the_operations_that_the_planner_counts()
    {
        var request = VideoOperations.Request(FullSizeModel.Config, 256, 256, 68) with { Steps = 1 };
        var planned = VideoOperations.Of(_engine, FullSizeModel.Config, request);
        Assert.Equal(1, BlockPairsWork.Step(VideoSize.Default).Operations / planned.Denoising, 2);
        Assert.Equal(TextWork.Of(_engine, FullSizeModel.Config.TextEncoder, 30).Operations, new TextEncodingWork(30, 24).Operations, 1e3);
    }

    [Theory]
    [InlineData(ProductPrecision.Fp32), InlineData(ProductPrecision.Bf16), InlineData(ProductPrecision.Int8)]
    public void Work_runs_in_every_precision_and_leaves_nothing(ProductPrecision precision)
    {
        foreach (var work in (IBenchmarkWork[])[new MatMulWork(20, 30, 40), BlockPairsWork.Pair(new VideoSize(16, 16, 1))])
        {
            using var prepared = work.Prepare(_engine, precision);
            Assert.True(prepared.WarmUp() > 0);
        }
        Assert.Equal(0, _engine.Memory.BytesOf(MemoryOwner.Weights) + _engine.Memory.BytesOf(MemoryOwner.Activations));
    }

    [Fact]
    public void The_roof_is_the_lower_of_arithmetic_and_memory()
    {
        var limits = new MachineLimits(new Dictionary<DataType, double> { [DataType.F32] = 200, [DataType.I8] = 800 }, BytesPerSecond: 10);
        // 2 x 100 operations on each weight: 50 on a byte of fp32, 200 on a byte of int8.
        var work = new MatMulWork(100, 7, 9);
        Assert.Equal(new Roof("kernel limit", 200), limits.Of(work, DataType.F32, ProductPrecision.Fp32));
        Assert.Equal(new Roof("kernel limit", 800), limits.Of(work, DataType.I8, ProductPrecision.Int8));
        Assert.Equal(new Roof("memory limit", 20), limits.Of(work with { Rows = 4 }, DataType.F32, ProductPrecision.Fp32));
        Assert.Equal(new Roof("memory limit", 40), limits.Of(work with { Rows = 2 }, DataType.I8, ProductPrecision.Int8));
    }

    [Fact]
    public void Limits_of_several_turns_are_their_medians()
    {
        var turns = ((double, double)[])[(3, 30), (1, 20), (9, 10), (5, 50)];
        var median = MachineLimits.MedianOf([.. turns.Select(turn => new MachineLimits(new Dictionary<DataType, double> { [DataType.F32] = turn.Item1 }, turn.Item2))]);
        Assert.Equal((4, 25), (median.Products[DataType.F32], median.BytesPerSecond));
    }

    [Fact]
    public void Limits_are_measured_for_every_product_there_is()
    {
        var limits = MachineLimits.Measure(_engine, TimeSpan.FromMilliseconds(5));
        Assert.Equal([DataType.F32, DataType.I8], limits.Products.Keys.Where(type => type != DataType.BF16));
        Assert.All(limits.Products.Values.Append(limits.BytesPerSecond), rate => Assert.InRange(rate, 1e6, 1e15));
        Assert.Equal(limits.Products.ContainsKey(DataType.BF16), KernelLimit.Exists(_engine, DataType.BF16));
        Assert.Throws<NotSupportedException>(() => KernelLimit.Measure(_engine, DataType.F16, TimeSpan.Zero));
    }

    [Fact]
    public void Forecasts_need_figures()
    {
        using var benchmark = new MachineBenchmark(new MachineBenchmarkOptions { Width = 16, Height = 16, Frames = 1 });
        Assert.Throws<InvalidOperationException>(() => benchmark.Forecast());
        Assert.Throws<InvalidRequestException>(() => new MachineBenchmark(new MachineBenchmarkOptions { Width = 17 }));
    }

    public void Dispose() => _engine.Dispose();
}
