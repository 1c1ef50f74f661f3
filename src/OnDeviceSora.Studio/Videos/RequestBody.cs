using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using OnDeviceSora.Studio.Errors;

namespace OnDeviceSora.Studio.Videos;

/// <summary>Reads the fields of a call, JSON or form, within limits: nothing that is not built is ever taken into memory.</summary>
internal static class RequestBody
{
    /// <summary>More than the longest prompt, every character escaped, needs.</summary>
    public const int LargestBody = 1 << 20;

    /// <summary>Files are refused as soon as they are seen; a client may have sent so much by then.</summary>
    public const int LargestForm = 64 << 20;

    private const int MostFields = 64, LargestBoundary = 200, MaximumDepth = 16;

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = MaximumDepth, AllowDuplicateProperties = false };

    /// <summary>Reads a body.</summary>
    /// <exception cref="ApiException">It is not such a body.</exception>
    public static async Task<RequestFields> ReadAsync(HttpContext context)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)) throw Unsupported();
        if (type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) return await ReadFormAsync(context, type).ConfigureAwait(false);
        if (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)) return await ReadJsonAsync(context).ConfigureAwait(false);
        throw Unsupported();
    }

    private static async Task<RequestFields> ReadJsonAsync(HttpContext context)
    {
        var body = await ReadAllAsync(context).ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(body, Json);
            if (json.RootElement.ValueKind != JsonValueKind.Object) throw new ApiException(400, "the body must be one JSON object", code: "invalid_json");
            var fields = new RequestFields();
            foreach (var member in json.RootElement.EnumerateObject())
            {
                if (IsReference(member.Name) && member.Value.ValueKind != JsonValueKind.Null) throw NoReferences();
                fields.Add(member);
            }
            return fields;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            throw new ApiException(400, "the body is not valid JSON (UTF-8, each key once, not nested deeply)", code: "invalid_json");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(HttpContext context)
    {
        Limit(context, LargestForm);
        if (context.Request.ContentLength > LargestBody) throw TooLarge();
        using var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        int read;
        try
        {
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0)
            {
                if (body.Length + read > LargestBody) throw TooLarge();
                body.Write(buffer, 0, read);
            }
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new ApiException(400, "the body cannot be read: its chunks are wrong, or it broke off", code: "invalid_request");
        }
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static async Task<RequestFields> ReadFormAsync(HttpContext context, MediaTypeHeaderValue type)
    {
        Limit(context, LargestForm);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > LargestBoundary) throw Malformed();
        var fields = new RequestFields();
        try
        {
            var reader = new MultipartReader(boundary, context.Request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 16 << 10, BodyLengthLimit = LargestForm };
            for (var count = 0; await reader.ReadNextSectionAsync(context.RequestAborted).ConfigureAwait(false) is { } section; count++)
            {
                if (count == MostFields) throw new ApiException(400, $"the form has more than {MostFields} fields", code: "invalid_form");
                await AddAsync(section, fields, context.RequestAborted).ConfigureAwait(false);
            }
            return fields;
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException or DecoderFallbackException)
        {
            throw Malformed();
        }
    }

    private static async Task AddAsync(MultipartSection section, RequestFields fields, CancellationToken cancellation)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name) throw Malformed();
        if (IsReference(name)) throw NoReferences();
        if (disposition.FileName.HasValue || disposition.FileNameStar.HasValue) throw ApiException.Invalid(RequestFields.Shown(name), "files are not taken here: this model makes videos from text only", "unsupported_input");
        fields.Add(name, await ReadTextAsync(section.Body, cancellation).ConfigureAwait(false));
    }

    private static async Task<string> ReadTextAsync(Stream body, CancellationToken cancellation)
    {
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (text.Length + read > LargestBody) throw TooLarge();
            text.Write(buffer, 0, read);
        }
        return StrictUtf8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static bool IsReference(string name) => name == "input_reference" || name.StartsWith("input_reference[", StringComparison.Ordinal);

    private static void Limit(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = bytes;
    }

    private static ApiException NoReferences() => ApiException.Invalid("input_reference", "'input_reference' is not possible: this model makes videos from text only; leave it out", "unsupported_input");

    private static ApiException TooLarge() => new(413, $"the body is larger than {LargestBody >> 20} MiB, and nothing that this server takes needs so much (input_reference is not possible)", code: "request_too_large");

    private static ApiException Unsupported() => new(415, "the body must be application/json or multipart/form-data; say which in Content-Type", code: "unsupported_media_type");

    private static ApiException Malformed() => new(400, "the form cannot be read: it must be multipart/form-data in UTF-8, complete, with a boundary and a name for each field", code: "invalid_form");
}
