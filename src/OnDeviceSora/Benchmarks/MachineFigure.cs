namespace OnDeviceSora.Benchmarks;

/// <summary>One thing that was measured.</summary>
/// <param name="Work">What ran, for example <c>matmul 5124x1152x4608</c>, or which limit this is.</param>
/// <param name="Precision">What it computed in; <c>null</c> for reading memory.</param>
/// <param name="Value">How much, in <paramref name="Unit"/>.</param>
/// <param name="Unit"><c>GFLOP/s</c>, <c>GOP/s</c> or <c>GB/s</c>.</param>
/// <param name="OfLimit">The part of the machine's limit that this is; <c>null</c> for limits.</param>
/// <param name="Time">The median time of a run; <c>null</c> for limits.</param>
public sealed record MachineFigure(string Work, ProductPrecision? Precision, double Value, string Unit, double? OfLimit = null, TimeSpan? Time = null);

/// <summary>How long a video would take here with all weights in memory: what there is to compute, at the speed that was measured.</summary>
/// <param name="Model">The model.</param>
/// <param name="Video">Its size.</param>
/// <param name="Steps">Denoising steps; none leaps, none merges.</param>
/// <param name="Precision">What the transformer computes in; the autoencoder at least in bf16, the text encoder in fp32.</param>
/// <param name="Time">How long.</param>
public sealed record VideoForecast(string Model, VideoSize Video, int Steps, ProductPrecision Precision, TimeSpan Time);
