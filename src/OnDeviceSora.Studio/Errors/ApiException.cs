namespace OnDeviceSora.Studio.Errors;

/// <summary>A call that cannot be answered: becomes a status code and the error envelope of the Videos API.</summary>
/// <param name="status">The HTTP status, 400 to 599.</param>
/// <param name="message">What was wrong and what would be right.</param>
/// <param name="param">The field that was wrong.</param>
/// <param name="code">A word for programs.</param>
internal sealed class ApiException(int status, string message, string? param = null, string? code = null) : Exception(message)
{
    public int Status { get; } = status;

    public string? Param { get; } = param;

    public string? Code { get; } = code;

    /// <summary>Seconds after which the same call may succeed.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>A field that cannot be honoured.</summary>
    public static ApiException Invalid(string param, string message, string code = "invalid_value") => new(400, message, param, code);

    /// <summary>Something that is not there.</summary>
    public static ApiException NotFound(string message, string? param = null) => new(404, message, param, "not_found");

    /// <summary>Something that cannot be done now; clients need not try again by themselves.</summary>
    public static ApiException Conflict(string message, string code) => new(409, message, code: code);
}
