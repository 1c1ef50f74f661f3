namespace OnDeviceSora.Studio.Jobs;

/// <summary>What a person is told when a generation fails: without paths, which are nobody's business but this machine's.</summary>
internal static class JobFailure
{
    public static JobError Describe(Exception error) => error switch
    {
        InvalidRequestException request => new(JobError.InvalidRequest, request.Message),
        InvalidModelException model => new(JobError.ModelUnavailable, "the model cannot be used: " + Without(model.Folder, model.Message)),
        InvalidFileException file => new(JobError.ModelUnavailable, "a file of the model cannot be used: " + Without(file.Path, file.Message)),
        OutputException output => new(output.DiskIsFull ? JobError.DiskFull : JobError.GenerationFailed, Without(output.Path, output.Problem)),
        OutOfMemoryException => new(JobError.OutOfMemory, "there was not enough memory; try a smaller size, fewer frames, or less at the same time on this machine"),
        _ => new(JobError.GenerationFailed, "an unexpected error; the server's log has it"),
    };

    private static string Without(string path, string message)
    {
        var text = message.Replace(path, Path.GetFileName(path), StringComparison.Ordinal);
        return Path.GetDirectoryName(path) is { Length: > 1 } folder ? text.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal) : text;
    }
}
