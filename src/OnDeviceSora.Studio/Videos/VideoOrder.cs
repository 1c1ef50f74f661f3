namespace OnDeviceSora.Studio.Videos;

/// <summary>What a caller asked for, checked and complete.</summary>
/// <param name="Request">What to generate.</param>
/// <param name="Seconds">The length as the Videos API says it.</param>
/// <param name="Memory">Bytes it may take, or <c>null</c> for the server's budget.</param>
/// <param name="Adjusted">What was changed to make it possible, in words.</param>
internal sealed record VideoOrder(VideoRequest Request, string Seconds, long? Memory, IReadOnlyList<string> Adjusted);
