namespace OnDeviceSora.Tests.Goldens;

/// <summary>A golden case did not come out as recorded, or could not be run.</summary>
public sealed class GoldenMismatchException(string message, Exception? inner = null) : Exception(message, inner);
