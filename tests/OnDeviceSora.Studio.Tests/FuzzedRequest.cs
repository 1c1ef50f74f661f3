using System.Globalization;
using System.Text;

namespace OnDeviceSora.Studio.Tests;

/// <summary>A call that is nearly right: a good one with a few things changed. The same number makes the same call.</summary>
internal sealed class FuzzedRequest
{
    private static readonly string[] Methods = ["GET", "GET", "GET", "POST", "POST", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE", "get", "X"];

    private static readonly string[] Paths =
    [
        "/v1/videos", "/v1/videos/{id}", "/v1/videos/{id}/content", "/v1/videos/{id}/preview", "/v1/videos/{id}/report", "/v1/videos/{id}/timeline", "/v1/videos/{id}/events", "/v1/videos/{id}/cancel",
        "/v1/videos/{id}/resume", "/v1/videos/{id}/move", "/v1/videos/{id}/remix", "/v1/videos/plan", "/v1/videos/compare", "/v1/videos/edits", "/v1/videos/characters/{id}", "/v1/events", "/v1/models",
        "/v1/models/sora-2", "/v1/capabilities", "/openapi/v1.json", "/health", "/ready", "/metrics", "/studio/session", "/", "/v1", "/v1/videos/{id}/nothing",
    ];

    private static readonly string[] Queries = ["", "", "", "?variant=thumbnail", "?variant=video", "?still=true", "?limit=3&order=asc", "?after={id}", "?left={id}&right={id}", "?limit=100&after={id}&order=desc"];

    private static readonly string[] Headers =
    [
        "Content-Type: application/json", "Content-Type: multipart/form-data; boundary=b", "Content-Type: text/plain", "Range: bytes=0-9", "Range: bytes=-5", "If-None-Match: *", "If-Match: \"x\"",
        "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT", "If-Range: \"x\"", "Origin: http://localhost", "Sec-Fetch-Site: cross-site", "Authorization: Bearer x", "Cookie: sora_session=x", "Accept: */*", "Expect: 100-continue",
        "Connection: close", "Connection: keep-alive", "Accept-Encoding: gzip", "Upgrade: websocket", "Transfer-Encoding: chunked", "Content-Encoding: gzip", "X-Forwarded-Host: evil.example", "X-HTTP-Method-Override: DELETE",
    ];

    private static readonly string[] Bodies =
    [
        """{"prompt":"a red circle","width":16,"height":16,"num_frames":2,"num_inference_steps":2,"seed":42,"fps":12,"guidance_scale":2.5,"leap":"auto","merge_steps":1,"memory":"1GB","model":"sora-2"}""",
        """{"prompt":"a blue square","size":"64x64","seconds":"3","negative_prompt":"","input_reference":null}""",
        """{"prompt":"a green star"}""", """{"position":1}""", """{"api_key":"x"}""", "{}", "",
        "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na red circle\r\n--b\r\nContent-Disposition: form-data; name=\"num_frames\"\r\n\r\n2\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na red circle\r\n--b\r\nContent-Disposition: form-data; name=\"input_reference\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n",
    ];

    private static readonly string[] Nasty =
    [
        "null", "true", "-1", "0", "1e999", "-0", "1.5", "9223372036854775807", "99999999999999999999", "NaN", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "[", "{", "]", "}", "[[[[[[[[[[[[[[[[[[[[", ",", ":", "\"", "\\", "//", "..",
        "%00", "%2f", "%2e%2e", "%", "%zz", "%c0%af", "%ff", "\0", "\r\n", "\n", "\t", "\x7f", "\xff\xfe", "\xf0\x9f\x9f\xa5", "{0}", "%s%n", "'", ";", "<script>", "$(id)", "?", "&", "=", "#", "*", "+", "--b", "--b--", "name=\"\"", "bytes=", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];

    private readonly Random _random;

    private FuzzedRequest(int number, IReadOnlyList<string> ids)
    {
        _random = new Random(number);
        Method = Any(Methods);
        var target = Mutated((Any(Paths) + Any(Queries)).Replace("{id}", Any(ids), StringComparison.Ordinal), 0.4).Replace(' ', '+');
        var body = Encoding.Latin1.GetBytes(Method is "GET" or "HEAD" && _random.Next(10) > 0 ? "" : Mutated(Any(Bodies), 0.7));
        List<string> headers = ["Host: " + (_random.Next(30) == 0 ? Mutated("localhost", 1) : "localhost")];
        if (body.Length > 0 && _random.Next(20) > 0) headers.Add(body.AsSpan().StartsWith("--b"u8) ? Headers[1] : Headers[0]);
        for (var more = _random.Next(4); more > 0; more--) headers.Add(Mutated(Any(Headers), 0.3));
        // A length that is wrong leaves both sides waiting for the other: such a call says that nothing follows.
        var length = _random.Next(40) == 0 ? _random.Next(2 * body.Length + 2) : body.Length;
        headers.Insert(_random.Next(headers.Count + 1), "Content-Length: " + length.ToString(CultureInfo.InvariantCulture));
        var head = $"{Method} {target} HTTP/1.1\r\n{string.Join("\r\n", headers)}\r\n\r\n";
        Bytes = [.. Encoding.Latin1.GetBytes(head), .. body];
        IsFramed = length == body.Length && head.Count(c => c == '\n') == headers.Count + 2 && !headers.Contains("") && !head.Contains("chunked", StringComparison.OrdinalIgnoreCase) && !head.Contains("upgrade", StringComparison.OrdinalIgnoreCase);
    }

    public string Method { get; }

    public byte[] Bytes { get; }

    /// <summary>Whether it is clear where it ends, so that an answer must come and another call may follow.</summary>
    public bool IsFramed { get; }

    /// <param name="number">Which one.</param>
    /// <param name="ids">Ids of videos.</param>
    public static FuzzedRequest Of(int number, IReadOnlyList<string> ids) => new(number, ids);

    public override string ToString() => Encoding.Latin1.GetString(Bytes).Replace("\0", "\\0", StringComparison.Ordinal);

    private T Any<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    /// <summary>The text with up to four places changed, so often.</summary>
    private string Mutated(string text, double often)
    {
        if (_random.NextDouble() >= often) return text;
        var changed = new StringBuilder(text);
        for (var changes = _random.Next(1, 5); changes > 0; changes--)
        {
            int at = _random.Next(changed.Length + 1), length = Math.Min(_random.Next(1, 12), changed.Length - at);
            switch (_random.Next(6))
            {
                case 0: changed.Remove(at, length); break;
                case 1: changed.Insert(at, Any(Nasty)); break;
                case 2: changed.Remove(at, length).Insert(at, Any(Nasty)); break;
                case 3: changed.Insert(at, changed.ToString(at, length)); break;
                case 4: changed.Length = at; break;
                default: if (length > 0) changed[at] = (char)_random.Next(256); break;
            }
        }
        return changed.ToString();
    }
}
