using OnDeviceSora.Benchmarks;

namespace OnDeviceSora.Bench.Comparisons;

/// <summary>Work to compare, and the time for it.</summary>
/// <param name="Work">The work.</param>
/// <param name="Budget">What all counted runs may take together, about; everyone runs once in any case, but peers that would take half of it.</param>
internal sealed record BenchItem(IBenchmarkWork Work, TimeSpan Budget);
