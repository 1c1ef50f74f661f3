using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace OnDeviceSora.Studio.Errors;

/// <summary>Turns whatever a call throws, or a status without a body, into the error envelope. Nothing of this machine's insides gets out.</summary>
internal sealed class ErrorResponses(RequestDelegate next, ILogger<ErrorResponses> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null or 0 } response)
            {
                ForgetFile(response);
                await WriteAsync(context, PlainStatus(response.StatusCode, context.Request.Method)).ConfigureAwait(false);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to answer.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            var answer = Describe(error);
            if (answer.Status >= 500) StudioLog.RequestFailed(log, context.Request.Method, context.Request.Path, error);
            context.Response.Clear();
            await WriteAsync(context, answer).ConfigureAwait(false);
        }
    }

    /// <summary>The answer to a call that failed.</summary>
    private static ApiException Describe(Exception error) => error switch
    {
        ApiException known => known,
        BadHttpRequestException bad => PlainStatus(bad.StatusCode, ""),
        OutputException { DiskIsFull: true } => new ApiException(507, "there is no space left on the server's disk; free some and try again", code: "disk_full"),
        OutputException => new ApiException(500, "the server's data folder cannot be written", code: "not_writable"),
        _ => new ApiException(500, "an unexpected error; the server's log has it", code: "internal_error"),
    };

    /// <summary>Words for a status that came without any.</summary>
    private static ApiException PlainStatus(int status, string method)
    {
        var (message, code) = status switch
        {
            400 => ("the request cannot be read", "invalid_request"),
            404 => ("there is nothing at this address; /openapi/v1.json lists what there is", "not_found"),
            405 => ($"{method} is not possible here; /openapi/v1.json lists what is", "method_not_allowed"),
            408 => ("the request came too slowly", "request_timeout"),
            412 => ("the file is not the one that the request means", "precondition_failed"),
            413 => ("the request is too large", "request_too_large"),
            415 => ("the body must be application/json or multipart/form-data; say which in Content-Type", "unsupported_media_type"),
            416 => ("the file has no such range", "range_not_satisfiable"),
            431 => ("the headers are too large", "headers_too_large"),
            _ => (string.Create(CultureInfo.InvariantCulture, $"the request was refused with status {status}"), null),
        };
        return new ApiException(status, message, code: code);
    }

    /// <summary>A file whose range or version does not fit has left its headers, but is not what is sent.</summary>
    private static void ForgetFile(HttpResponse response)
    {
        (response.ContentLength, response.ContentType) = (null, null);
        foreach (var header in (string[])[HeaderNames.ContentDisposition, HeaderNames.ETag, HeaderNames.LastModified]) response.Headers.Remove(header);
    }

    private static async Task WriteAsync(HttpContext context, ApiException error)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        if (error.RetryAfter is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (error.Status == 401) response.Headers.WWWAuthenticate = "Bearer";
        // Clients try 409 and 5xx again by themselves, which helps here with none of them.
        if (error.Status is 409 or >= 500) response.Headers["x-should-retry"] = "false";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await response.WriteAsJsonAsync(ErrorEnvelope.Of(error.Status, error.Message, error.Param, error.Code), StudioJson.Options).ConfigureAwait(false);
    }
}
