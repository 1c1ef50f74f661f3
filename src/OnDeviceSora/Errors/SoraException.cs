namespace OnDeviceSora;

/// <summary>The base of every error this library raises on purpose. Its message is meant for the person who runs it.</summary>
public abstract class SoraException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What was wrong, where, and what would be right.</param>
    /// <param name="inner">The cause, if another error is behind this one.</param>
    protected SoraException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>A request or an option has a value that cannot be honoured.</summary>
public sealed class InvalidRequestException : SoraException
{
    /// <summary>Creates the error.</summary>
    /// <param name="parameter">The member of the request, as the caller knows it (for example <c>Frames</c>).</param>
    /// <param name="message">What was wrong and what would be right.</param>
    public InvalidRequestException(string parameter, string message) : base(message) => Parameter = parameter;

    /// <summary>The member of the request that was refused.</summary>
    public string Parameter { get; }
}

/// <summary>A file the library reads (weights, tokenizer, configuration, latents, video) is missing, damaged or of the wrong kind.</summary>
public sealed class InvalidFileException : SoraException
{
    /// <summary>Creates the error.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">What is wrong inside it, where, and what was expected.</param>
    /// <param name="inner">The cause, if another error is behind this one.</param>
    public InvalidFileException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }
}

/// <summary>A model folder is incomplete, or its weights do not fit its configuration.</summary>
public sealed class InvalidModelException : SoraException
{
    /// <summary>Creates the error.</summary>
    /// <param name="folder">The model folder or file.</param>
    /// <param name="problem">What is missing or does not fit, by name, and what was expected.</param>
    /// <param name="inner">The cause, if another error is behind this one.</param>
    public InvalidModelException(string folder, string problem, Exception? inner = null)
        : base($"{folder}: {problem}", inner) => Folder = folder;

    /// <summary>The model folder or file.</summary>
    public string Folder { get; }
}

/// <summary>The result could not be written: no space, no permission, or the encoder failed.</summary>
public sealed class OutputException : SoraException
{
    /// <summary>Creates the error.</summary>
    /// <param name="path">The file or folder that was to be written.</param>
    /// <param name="problem">What went wrong and what to do.</param>
    /// <param name="inner">The cause, if another error is behind this one.</param>
    public OutputException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner) => (Path, Problem) = (path, problem);

    /// <summary>The file or folder that was to be written.</summary>
    public string Path { get; }

    /// <summary>What went wrong and what to do, without the path.</summary>
    public string Problem { get; }

    /// <summary>Whether it failed because the disk is full, or a quota is used up: with more room the same may succeed.</summary>
    public bool DiskIsFull => Problem.Contains(NoSpaceWords, StringComparison.OrdinalIgnoreCase) || (InnerException is { } inner && OutputErrors.IsDiskFull(inner));

    /// <summary>What ffmpeg passes on from the operating system.</summary>
    private const string NoSpaceWords = "no space left";
}

/// <summary>Something could not be fetched: the server refused, was not reached, or sent other bytes than it announced.</summary>
public sealed class DownloadException : SoraException
{
    /// <summary>Creates the error.</summary>
    /// <param name="address">What was asked for: an address without its query, or a repository and file.</param>
    /// <param name="problem">What went wrong and what to do.</param>
    /// <param name="inner">The cause, if another error is behind this one.</param>
    public DownloadException(string address, string problem, Exception? inner = null)
        : base($"{address}: {problem}", inner) => Address = address;

    /// <summary>What was asked for.</summary>
    public string Address { get; }
}
