namespace OnDeviceSora.Cli;

/// <summary>Shows how a command failed.</summary>
internal interface IFailureDisplay
{
    /// <summary>The end of a failed run; the message is also printed to standard error.</summary>
    void Failed(int exitCode, string message);
}
