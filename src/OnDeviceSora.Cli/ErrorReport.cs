namespace OnDeviceSora.Cli;

/// <summary>Runs the body of a command and turns whatever it throws into one line and an exit code.</summary>
internal static class ErrorReport
{
    /// <summary>Runs <paramref name="body"/>.</summary>
    /// <param name="host">Standard error.</param>
    /// <param name="display">Told of the failure.</param>
    /// <param name="body">The command.</param>
    /// <param name="cancellation">The person's wish to stop.</param>
    /// <param name="kept">What a cancelled run leaves behind, in words.</param>
    /// <returns>An exit code; see <see cref="ExitCodes"/>.</returns>
    public static async Task<int> GuardAsync(
        CommandHost host, IFailureDisplay display, Func<Task<int>> body, CancellationToken cancellation, string kept = "no video was written")
    {
        try
        {
            return await body().ConfigureAwait(false);
        }
        // The boundary of the process: everything ends here.
        catch (Exception error)
        {
            var (code, message) = Describe(error, kept, cancellation);
            Tell(display, code, message);
            host.Error.WriteLine("sora: " + message);
            if (code == ExitCodes.Unexpected && error is not OutOfMemoryException)
                host.Error.WriteLine(error);
            return code;
        }
    }

    private static void Tell(IFailureDisplay display, int code, string message)
    {
        try
        {
            display.Failed(code, message);
        }
        catch (OutputException)
        {
            // Standard output is what failed; standard error says so.
        }
    }

    private static (int Code, string Message) Describe(Exception error, string kept, CancellationToken cancellation) => error switch
    {
        OperationCanceledException when cancellation.IsCancellationRequested => (ExitCodes.Cancelled, "cancelled; " + kept),
        InvalidRequestException request => (ExitCodes.Usage, RequestOptions.OptionFor(request.Parameter) is { } option && !request.Message.StartsWith(option, StringComparison.Ordinal) ? $"{option}: {request.Message}" : request.Message),
        InvalidFileException or InvalidModelException => (ExitCodes.BadInput, error.Message),
        OutputException => (ExitCodes.OutputFailed, error.Message),
        DownloadException => (ExitCodes.DownloadFailed, error.Message),
        OutOfMemoryException => (ExitCodes.Unexpected, "there is not enough memory; try a smaller --size, fewer --frames, or --decode-tile"),
        _ => (ExitCodes.Unexpected, $"unexpected error, please report it: {error.Message}"),
    };
}
