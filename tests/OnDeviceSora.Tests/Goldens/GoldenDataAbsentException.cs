namespace OnDeviceSora.Tests.Goldens;

/// <summary>A golden case needs a file that this checkout does not carry and that was not found beside it either.</summary>
public sealed class GoldenDataAbsentException(string message) : Exception(message);
