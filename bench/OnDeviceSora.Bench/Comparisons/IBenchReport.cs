using OnDeviceSora.Benchmarks;

namespace OnDeviceSora.Bench.Comparisons;

/// <summary>Prints results as they come.</summary>
internal interface IBenchReport
{
    /// <summary>What the machine could do at best.</summary>
    void Print(MachineLimits limits);

    /// <summary>One piece of work.</summary>
    void Print(ComparisonResult result);
}
