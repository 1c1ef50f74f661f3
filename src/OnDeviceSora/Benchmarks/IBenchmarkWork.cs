using OnDeviceSora.Tensors;

namespace OnDeviceSora.Benchmarks;

/// <summary>A piece of work that is timed, the same in every precision.</summary>
internal interface IBenchmarkWork
{
    /// <summary>Its name in results, for example <c>matmul 5124x1152x4608</c>.</summary>
    string Name { get; }

    /// <summary>The precisions it can be done in.</summary>
    IReadOnlyList<ProductPrecision> Precisions => ProductPrecisions.All;

    /// <summary>Arithmetic operations of one run; a multiply-add is two.</summary>
    double Operations { get; }

    /// <summary>Weights that a run reads, each at least once.</summary>
    double Weights { get; }

    /// <summary>What its products are computed in.</summary>
    DataType Products(ComputeEngine engine, ProductPrecision precision) => precision.Products(engine);

    /// <summary>Makes its weights and inputs up.</summary>
    IPreparedWork Prepare(ComputeEngine engine, ProductPrecision precision);
}

/// <summary>Work that only has to be run.</summary>
internal interface IPreparedWork : IDisposable
{
    /// <summary>Runs it once.</summary>
    void Run();

    /// <summary>Runs it, or as much of it as makes the next run like all later ones.</summary>
    /// <returns>Seconds that a run will take, about.</returns>
    double WarmUp()
    {
        Run();
        return Timing.SecondsOf(Run);
    }
}
