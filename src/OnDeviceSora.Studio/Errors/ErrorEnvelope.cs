namespace OnDeviceSora.Studio.Errors;

/// <summary>The body of every error.</summary>
/// <param name="Error">What went wrong.</param>
internal sealed record ErrorEnvelope(ErrorBody Error)
{
    public static ErrorEnvelope Of(int status, string message, string? param = null, string? code = null) => new(new ErrorBody(message, TypeOf(status), param, code));

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}

/// <summary>An error of the Videos API.</summary>
/// <param name="Message">What was wrong and what would be right.</param>
/// <param name="Type">Its kind.</param>
/// <param name="Param">The field that was wrong.</param>
/// <param name="Code">A word for programs.</param>
internal sealed record ErrorBody(string Message, string Type, string? Param, string? Code);
