using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace OnDeviceSora.Studio.Tests;

/// <summary>Callers who are careless, broken or mean well for nobody: each gets an error of the right kind, and the server goes on.</summary>
public sealed class HostileRequestTests(SharedStudio shared, GuardedStudios guarded) : IClassFixture<SharedStudio>, IClassFixture<GuardedStudios>
{
    private const string Json = "application/json", Form = "multipart/form-data; boundary=b";
    private const int MiB = 1 << 20;

    private readonly Studio _studio = shared.Studio;

    public static TheoryData<string, byte[]> MalformedJson => new()
    {
        { "nothing", [] },
        { "half an object", """{"prompt":"a red"""u8.ToArray() },
        { "two objects", "{}{}"u8.ToArray() },
        { "an array", """[{"prompt":"a red circle"}]"""u8.ToArray() },
        { "text", "\"prompt\""u8.ToArray() },
        { "null", "null"u8.ToArray() },
        { "not a number", """{"prompt":"a red circle","seed":NaN}"""u8.ToArray() },
        { "infinity", """{"prompt":"a red circle","seed":-Infinity}"""u8.ToArray() },
        { "a trailing comma", """{"prompt":"a red circle",}"""u8.ToArray() },
        { "a comment", """{"prompt":"a red circle"/* */}"""u8.ToArray() },
        { "single quotes", "{'prompt':'a red circle'}"u8.ToArray() },
        { "a key twice", """{"prompt":"a red circle","prompt":"a blue square"}"""u8.ToArray() },
        { "a key twice, once escaped", """{"prompt":"a red circle","\u0070rompt":"a blue square"}"""u8.ToArray() },
        { "deep nesting", Encoding.UTF8.GetBytes($"{{\"prompt\":{new string('[', 100_000)}") },
        { "deep nesting that closes", Encoding.UTF8.GetBytes($"{{\"prompt\":{new string('[', 1000)}{new string(']', 1000)}}}") },
        { "half a surrogate pair", """{"prompt":"\ud83d"}"""u8.ToArray() },
        { "a key of half a surrogate pair", """{"prompt":"a red circle","\udfff":1}"""u8.ToArray() },
        { "surrogates the wrong way round", """{"prompt":"\udfe5\ud83d"}"""u8.ToArray() },
        { "bytes that are no UTF-8", [.. "{\"prompt\":\""u8, 0xff, 0xc0, 0x80, .. "\"}"u8] },
        { "UTF-16", Encoding.Unicode.GetBytes("""{"prompt":"a red circle"}""") },
        { "UTF-32", Encoding.UTF32.GetBytes("""{"prompt":"a red circle"}""") },
        { "a byte order mark", [0xef, 0xbb, 0xbf, .. """{"prompt":"a red circle"}"""u8] },
        { "a NUL in text", [.. "{\"prompt\":\"a"u8, 0, .. "b\"}"u8] },
        { "NULs", new byte[1000] },
    };

    public static TheoryData<string, string, string> MalformedForms => new()
    {
        { "no boundary", "multipart/form-data", Part("prompt", "a red circle") },
        { "an empty boundary", "multipart/form-data; boundary=\"\"", Part("prompt", "a red circle") },
        { "a huge boundary", "multipart/form-data; boundary=" + new string('b', 5000), Part("prompt", "a red circle") },
        { "another boundary", "multipart/form-data; boundary=c", Part("prompt", "a red circle") + "--b--\r\n" },
        { "nothing", Form, "" },
        { "no end", Form, Part("prompt", "a red circle") },
        { "no end of the headers", Form, "--b\r\nContent-Disposition: form-data; name=\"prompt\"" },
        { "no name", Form, "--b\r\nContent-Disposition: form-data\r\n\r\na red circle\r\n--b--\r\n" },
        { "an empty name", Form, Part("", "a red circle") + "--b--\r\n" },
        { "no disposition", Form, "--b\r\n\r\na red circle\r\n--b--\r\n" },
        { "another disposition", Form, "--b\r\nContent-Disposition: ;;;=\r\n\r\na red circle\r\n--b--\r\n" },
        { "a header without a colon", Form, "--b\r\nContent-Disposition\r\n\r\na red circle\r\n--b--\r\n" },
        { "a huge header", Form, $"--b\r\nX: {new string('x', 100_000)}\r\n\r\na red circle\r\n--b--\r\n" },
        { "many headers", Form, $"--b\r\n{string.Concat(Enumerable.Range(0, 100).Select(i => $"X{i}: 1\r\n"))}\r\na red circle\r\n--b--\r\n" },
        { "a long preamble", Form, new string('p', 100_000) + "\r\n" + Part("prompt", "a red circle") + "--b--\r\n" },
        { "a field twice", Form, Part("prompt", "a red circle") + Part("prompt", "a blue square") + "--b--\r\n" },
        { "10,000 fields", Form, string.Concat(Enumerable.Range(0, 10_000).Select(i => Part("f" + i, "1"))) + "--b--\r\n" },
        { "text that is no UTF-8", Form, Part("prompt", "\xff\xfe\xc0") + "--b--\r\n" },
        { "a file where text belongs", Form, "--b\r\nContent-Disposition: form-data; name=\"prompt\"; filename=\"../../prompt.txt\"\r\n\r\na red circle\r\n--b--\r\n" },
        { "a name of half the alphabet", Form, Part(new string('n', 10_000), "1") + "--b--\r\n" },
    };

    public static TheoryData<string> WrongIds =>
    [
        "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "..%2F..%2F..%2Fjob.json", "..%5c..%5cjob.json", "video_%2e%2e", "%252e%252e%252f", "lock", ".", "-", "*", "%20", "%0a", "%09", "%7f", "%c0%af", "%ff",
        "%F0%9F%92%A9", "CON", "video_", "VIDEO_00000000000000000000000000", "video_0000000000000000000000000u", "video_00000000000000000000000000%00", "a%00b", "%00", new string('v', 6000),
    ];

    [Theory]
    [MemberData(nameof(MalformedJson))]
    public async Task Malformed_json_is_refused(string what, byte[] body)
    {
        var error = (await PostAsync(body, Json)).Error(400);
        Assert.True(error.Text("code") is "invalid_json" or "invalid_value" or "invalid_type", what + ": " + error.GetRawText());
    }

    [Theory]
    [MemberData(nameof(MalformedForms))]
    public async Task Malformed_forms_are_refused(string what, string contentType, string body)
    {
        var error = (await PostAsync(Encoding.Latin1.GetBytes(body), contentType)).Error(400);
        Assert.True(error.Text("code") is "invalid_form" or "duplicate_field" or "unsupported_input" or "unknown_parameter", what + ": " + error.GetRawText());
        Assert.InRange(error.GetRawText().Length, 1, 2000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json/json")]
    [InlineData("application/jsonp")]
    [InlineData("multipart/mixed; boundary=b")]
    [InlineData("multipart/form-data; boundary=b, application/json")]
    [InlineData(";;;")]
    public async Task Other_kinds_of_body_are_refused(string contentType) =>
        Assert.Equal("unsupported_media_type", (await PostAsync("""{"prompt":"a red circle"}"""u8.ToArray(), contentType)).Error(415).Text("code"));

    [Fact]
    public async Task Bodies_that_are_too_large_are_refused_as_soon_as_that_is_known()
    {
        // Declared: refused before any of it is sent.
        foreach (var (contentType, length) in ((string, long)[])[(Json, MiB + 1), (Json, long.MaxValue), (Form, 64L * MiB + 1), (Form, long.MaxValue)])
            (await RawConnection.AskAsync(_studio, $"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\nContent-Length: {length}\r\n\r\n"))!.Error(413);

        // Not declared: refused as soon as it is more.
        var json = """{"prompt":" """u8.ToArray();
        var form = Encoding.ASCII.GetBytes("--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n");
        foreach (var (contentType, beginning) in ((string, byte[])[])[(Json, json), (Form, form)])
        {
            using var connection = await RawConnection.OpenAsync(_studio);
            await connection.SendAsync($"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\nTransfer-Encoding: chunked\r\n\r\n");
            var endless = Task.Run(async () =>
            {
                await SendChunkAsync(connection, beginning);
                var chunk = new byte[64 << 10];
                Array.Fill(chunk, (byte)'a');
                for (var sent = 0; sent <= 80 * MiB && await SendChunkAsync(connection, chunk); sent += chunk.Length) { }
            });
            (await connection.ReadAsync())!.Error(413);
            await endless;
        }

        // The largest that is taken.
        var largest = new byte[MiB];
        Array.Fill(largest, (byte)' ');
        "{}"u8.CopyTo(largest);
        Assert.Equal("prompt", (await PostAsync(largest, Json)).Error(400).Text("param"));
    }

    [Fact]
    public async Task Callers_who_are_slow_are_sent_away_while_others_are_answered()
    {
        const string Post = "POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
        var slow = Task.WhenAll(SilentAsync(Post), SilentAsync(Post + "{\"prompt\":"), DripAsync(Post, 'a'));
        var slowHeaders = Task.WhenAll(SilentAsync("POST /v1/vid"), SilentAsync("GET /v1/videos HTTP/1.1\r\nHost: loc"), DripAsync("GET /v1/videos HTTP/1.1\r\nX: ", 'x'));
        for (var i = 0; i < 10; i++) Assert.Equal(HttpStatusCode.OK, (await _studio.GetAsync("/v1/videos")).Status);
        await _studio.MakeAsync();

        foreach (var answer in await slow) answer!.Error(408);
        // Nothing can be said to whom has not said yet what he wants.
        foreach (var answer in await slowHeaders) Assert.True(answer is null or { Status: HttpStatusCode.RequestTimeout, Body.Length: 0 }, answer?.Text);

        async Task<Answer?> SilentAsync(string beginning) => await RawConnection.AskAsync(_studio, beginning);

        async Task<Answer?> DripAsync(string beginning, char drop)
        {
            using var connection = await RawConnection.OpenAsync(_studio);
            await connection.SendAsync(beginning);
            var answer = connection.ReadAsync();
            while (!answer.IsCompleted && await connection.SendAsync(drop.ToString())) await Task.WhenAny(answer, Task.Delay(100));
            return await answer;
        }
    }

    [Theory]
    [MemberData(nameof(WrongIds))]
    public async Task An_id_reaches_nothing_but_a_video(string id)
    {
        foreach (var call in (string[])["GET /v1/videos/{0}", "GET /v1/videos/{0}/content", "GET /v1/videos/{0}/preview", "GET /v1/videos/{0}/report", "GET /v1/videos/{0}/timeline", "GET /v1/videos/{0}/events", "DELETE /v1/videos/{0}", "POST /v1/videos/{0}/cancel", "POST /v1/videos/{0}/resume", "POST /v1/videos/{0}/remix"])
        {
            var answer = await RawConnection.AskAsync(_studio, string.Format(null, call, id) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
            // The dots of "..": a path that ends elsewhere.
            if (id is ".." or "." or "%2e%2e" && (int)answer!.Status is 200 or 405) continue;
            AssertRefusal(answer, 400, 404);
        }
    }

    [Theory]
    [InlineData("bytes=0-,0-,0-")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=--5")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=0-99999999999999999999999999")]
    [InlineData("bytes=18446744073709551616-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=-99999999999999999999")]
    [InlineData("bytes")]
    [InlineData("pages=1-2")]
    [InlineData("bytes=9223372036854775807-9223372036854775807")]
    public async Task Silly_ranges_get_the_whole_file_or_an_error(string range)
    {
        var id = await shared.FinishedAsync();
        var whole = (await _studio.GetAsync($"/v1/videos/{id}/content")).Body;
        foreach (var value in (string[])[range, range + string.Concat(Enumerable.Repeat(",1-2", 5000))])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/videos/{id}/content");
            request.Headers.TryAddWithoutValidation("Range", value);
            var answer = await _studio.SendAsync(request);
            if (answer.Status == HttpStatusCode.OK) Assert.Equal(whole, answer.Body);
            else answer.Error(416);
        }
    }

    [Theory]
    [InlineData("GET /v1/videos", "Authorization: Bearer wrong")]
    [InlineData("GET /v1/videos", "Authorization: Bearer")]
    [InlineData("GET /v1/videos", "Authorization: secret")]
    [InlineData("GET /v1/videos", "Authorization: Basic c2VjcmV0OnNlY3JldA==")]
    [InlineData("GET /v1/videos", "Authorization: Bearer secret, Bearer secret")]
    [InlineData("GET /v1/videos", "Authorization: Bearer wrong\r\nAuthorization: Bearer secret")]
    [InlineData("GET /v1/videos", "Authorization: Bearer Secret")]
    [InlineData("GET /v1/videos", "X-Api-Key: secret")]
    [InlineData("GET /v1/videos", "Cookie: sora_session=secret")]
    [InlineData("GET /v1/videos", "Cookie: sora_session=")]
    [InlineData("GET /v1/videos?api_key=secret&key=secret", "X: 1")]
    [InlineData("GET /v1/videos#secret", "X: 1")]
    [InlineData("GET /V1/Videos", "X: 1")]
    [InlineData("GET /%761/videos", "X: 1")]
    [InlineData("GET /./v1/videos", "X: 1")]
    [InlineData("GET /health/../v1/videos", "X: 1")]
    [InlineData("GET /v1/videos/", "X: 1")]
    [InlineData("GET http://localhost/v1/videos", "X: 1")]
    [InlineData("HEAD /v1/videos", "X: 1")]
    [InlineData("POST /v1/videos", "X-HTTP-Method-Override: GET")]
    [InlineData("DELETE /v1/videos/video_0", "X-Original-URL: /health")]
    [InlineData("GET /metrics", "X: 1")]
    [InlineData("GET /openapi/v1.json", "X: 1")]
    [InlineData("GET /v1/nothing", "X: 1")]
    public async Task Nothing_opens_without_the_key_in_its_place(string call, string header)
    {
        var answer = (await RawConnection.AskAsync(guarded.Keyed, $"{call} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n{header}\r\n\r\n"))!;
        if (call.Contains('#', StringComparison.Ordinal)) AssertRefusal(answer, 400, 401, 404);
        else if (call.StartsWith("HEAD", StringComparison.Ordinal)) Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        else Assert.Equal("authentication_error", answer.Error(401).Text("type"));
    }

    [Theory]
    [InlineData("//v1/videos")]
    [InlineData("/v1//videos")]
    [InlineData("/v1%2fvideos")]
    [InlineData("/;/v1/videos")]
    [InlineData("/v1;x/videos")]
    [InlineData("/v1\\videos")]
    [InlineData("/studio/session/../../../v1/../v1/videos")]
    public async Task No_spelling_of_the_path_goes_round_the_key(string path) =>
        AssertRefusal(await RawConnection.AskAsync(guarded.Keyed, $"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400, 401, 404);

    [Fact]
    public async Task A_session_needs_the_key_and_ends_when_it_is_signed_out()
    {
        var studio = guarded.Keyed;
        Assert.Equal("""{"required":true,"signed_in":false}""", (await studio.GetAsync("/studio/session")).Text);
        foreach (var body in (string[])["""{"api_key":"wrong"}""", "{}", """{"api_key":null}"""]) (await studio.PostAsync("/studio/session", body)).Error(401);
        (await studio.PostAsync("/studio/session", """{"api_key":7}""")).Error(400);
        (await studio.PostAsync("/studio/session")).Error(415);

        var signedIn = await studio.PostAsync("/studio/session", """{"api_key":"secret"}""");
        Assert.Equal(HttpStatusCode.NoContent, signedIn.Status);
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret", cookie, StringComparison.Ordinal);
        cookie = cookie.Split(';')[0];
        Assert.Equal(HttpStatusCode.OK, (await WithCookieAsync(HttpMethod.Get, "/v1/videos")).Status);
        Assert.Equal("""{"required":true,"signed_in":true}""", (await WithCookieAsync(HttpMethod.Get, "/studio/session")).Text);
        Assert.Equal(HttpStatusCode.NoContent, (await WithCookieAsync(HttpMethod.Delete, "/studio/session")).Status);
        (await WithCookieAsync(HttpMethod.Get, "/v1/videos")).Error(401);

        Task<Answer> WithCookieAsync(HttpMethod method, string path) => studio.SendAsync(new HttpRequestMessage(method, path) { Headers = { { "Cookie", cookie } } });
    }

    [Theory]
    [InlineData("Origin: https://evil.example")]
    [InlineData("Origin: null")]
    [InlineData("Origin: https://localhost")]
    [InlineData("Origin: http://127.0.0.1")]
    [InlineData("Origin: http://localhost:1")]
    [InlineData("Origin: http://localhost.evil.example")]
    [InlineData("Origin: https://allowed.example.evil.example")]
    [InlineData("Origin: https://allowed.example\r\nOrigin: https://evil.example")]
    [InlineData("Sec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe")]
    [InlineData("Referer: http://localhost/\r\nOrigin: https://evil.example")]
    public async Task Pages_of_other_sites_may_not_call(string headers)
    {
        foreach (var call in (string[])["POST /v1/videos", "GET /v1/videos", "POST /studio/session", "DELETE /v1/videos/x", "GET /metrics"])
        {
            var body = """{"prompt":"a red circle"}""";
            var answer = (await RawConnection.AskAsync(guarded.Allowing, $"{call} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n{headers}\r\n\r\n{body}"))!;
            Assert.Equal(("permission_error", "origin_not_allowed"), (answer.Error(403).Text("type"), answer.Error(403).Text("code")));
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task The_own_page_and_an_allowed_page_may_call()
    {
        var studio = guarded.Allowing;
        var host = new Uri(studio.Address).Authority;
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("GET /v1/videos", "Origin: http://" + host)).Status);
        var allowed = await AskAsync("GET /v1/videos", "Origin: https://allowed.example");
        Assert.Equal((HttpStatusCode.OK, "https://allowed.example"), (allowed.Status, allowed.Headers.GetValues("Access-Control-Allow-Origin").Single()));
        var preflight = await AskAsync("OPTIONS /v1/videos", "Origin: https://allowed.example\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type");
        Assert.Equal(HttpStatusCode.NoContent, preflight.Status);
        Assert.Equal("https://allowed.example", preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
        // An error must be readable for it, too.
        var error = await AskAsync("GET /v1/videos/none", "Origin: https://allowed.example");
        error.Error(404);
        Assert.Equal("https://allowed.example", error.Headers.GetValues("Access-Control-Allow-Origin").Single());

        async Task<Answer> AskAsync(string call, string headers) => (await RawConnection.AskAsync(studio, $"{call} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n\r\n"))!;
    }

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("localhost.evil.example", 403)]
    [InlineData("evil.example:80", 403)]
    [InlineData("192.0.2.1", 403)]
    [InlineData("[2001:db8::1]", 403)]
    [InlineData("0.0.0.0", 403)]
    [InlineData("localhost.", 403)]
    [InlineData("localhost", 200)]
    [InlineData("LOCALHOST:1", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("127.8.9.1:8439", 200)]
    [InlineData("[::1]:8439", 200)]
    public async Task Only_names_of_this_machine_are_answered(string host, int status)
    {
        foreach (var path in (string[])["/v1/videos", "/health"])
        {
            var answer = (await RawConnection.AskAsync(_studio, $"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"))!;
            if (status == 200) Assert.Equal(HttpStatusCode.OK, answer.Status);
            else Assert.Equal("host_not_allowed", answer.Error(status).Text("code"));
        }
    }

    [Theory]
    [InlineData("PUT /v1/videos")]
    [InlineData("PATCH /v1/videos/x")]
    [InlineData("DELETE /v1/videos")]
    [InlineData("POST /v1/videos/x")]
    [InlineData("POST /v1/videos/x/content")]
    [InlineData("GET /v1/videos/x/cancel")]
    [InlineData("TRACE /v1/videos")]
    [InlineData("PROPFIND /v1/videos")]
    [InlineData("POST /v1/models")]
    [InlineData("BREW /v1/videos")]
    public async Task Other_methods_are_not_allowed(string call)
    {
        var answer = (await RawConnection.AskAsync(_studio, $"{call} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"))!;
        answer.Error(405);
        Assert.NotEmpty(answer.ContentHeaders.Allow);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n\r\n")]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET /v1/videos\r\n\r\n")]
    [InlineData("GET /v1/videos HTTP/9.9\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /v1/videos HTTP/1.1\r\n\r\n")]
    [InlineData("GET /v1/videos HTTP/1.0\r\n\r\n")]
    [InlineData("GET /v1/videos HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /v1/videos HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n")]
    [InlineData("GET /v1/videos HTTP/1.1\r\nHost: localhost\r\n : x\r\n\r\n")]
    [InlineData("GET /v1/videos HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n")]
    [InlineData("POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\n\r\n{}")]
    [InlineData("POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")]
    [InlineData("CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    public async Task What_is_no_http_is_refused_or_dropped(string request)
    {
        using var connection = await RawConnection.OpenAsync(_studio);
        await connection.SendAsync(request);
        connection.Finish();
        if (await connection.ReadAsync() is { } answer) AssertRefusal(answer, 400, 403, 404, 405, 411, 415, 501, 505);
    }

    [Theory]
    [InlineData(Json, "xyz")]
    [InlineData(Json, "-1")]
    [InlineData(Json, "ffffffffffffffff")]
    [InlineData(Json, "7fffffffffffffffff")]
    [InlineData(Form, "ffffffffffffffff")]
    [InlineData(Form, "2\r\n--x")]
    public async Task Wrong_chunks_are_refused(string contentType, string chunk) => AssertRefusal(
        await RawConnection.AskAsync(_studio, $"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}\r\n"), 400);

    [Fact]
    public async Task Huge_heads_are_refused()
    {
        foreach (var head in (string[])["GET /" + new string('a', 100_000) + " HTTP/1.1\r\n", $"GET / HTTP/1.1\r\nX: {new string('x', 100_000)}\r\n", "GET / HTTP/1.1\r\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"X{i}: 1\r\n"))])
            if (await RawConnection.AskAsync(_studio, head + "Host: localhost\r\n\r\n") is { } answer) AssertRefusal(answer, 414, 431);
    }

    [Theory]
    [InlineData("after=", "after")]
    [InlineData("after=../../x", "after")]
    [InlineData("after=video_", "after")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=1e1", "limit")]
    [InlineData("limit=%2B1", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("order=up", "order")]
    [InlineData("order=ASC", "order")]
    public async Task Pages_that_make_no_sense_are_refused(string query, string param) =>
        Assert.Equal(param, (await _studio.GetAsync("/v1/videos?" + query)).Error(400).Text("param"));

    [Fact]
    public async Task What_a_caller_sent_is_repeated_in_part_and_in_whole_characters()
    {
        var emoji = string.Concat(Enumerable.Repeat("🟥", 10_000));
        foreach (var (field, value) in ((string, string)[])[("model", emoji), ("model", "a" + emoji), ("size", emoji), ("seconds", emoji), ("seed", "a" + emoji), ("leap", emoji), ("memory", emoji), (emoji, "1"), ("a" + emoji, "1")])
        {
            var error = (await _studio.PostAsync("/v1/videos", JsonSerializer.Serialize(new Dictionary<string, string> { ["prompt"] = "a red circle", [field] = value }))).Error(400);
            Assert.InRange(error.GetRawText().Length, 1, 1000);
            Assert.DoesNotContain('\ufffd', error.Text("message"));
        }
        var twice = Encoding.UTF8.GetBytes(Part(new string('n', 5000), "1") + Part(new string('n', 5000), "1") + "--b--\r\n");
        Assert.InRange((await PostAsync(twice, Form)).Error(400).GetRawText().Length, 1, 1000);
    }

    [Fact]
    public async Task Of_two_deletions_at_once_one_finds_nothing()
    {
        for (var i = 0; i < 10; i++)
        {
            var id = await _studio.CreateAsync();
            if (i % 2 == 0) await _studio.WaitForAsync(id, "completed");
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _studio.DeleteAsync("/v1/videos/" + id)));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            foreach (var late in answers.Where(answer => answer.Status != HttpStatusCode.OK)) late.Error(404);
        }
    }

    [Fact]
    public async Task A_deletion_that_meets_completion_leaves_nothing()
    {
        for (var progress = 0; progress <= 100; progress += 10)
        {
            var id = await CreateAndWatchAsync(progress);
            var readers = Task.WhenAll(((string[])["content", "report", "timeline", "events"]).Select(file => _studio.GetAsync($"/v1/videos/{id}/{file}")));
            Assert.Equal(HttpStatusCode.OK, (await _studio.DeleteAsync("/v1/videos/" + id)).Status);
            foreach (var answer in await readers)
                if (answer.Status != HttpStatusCode.OK) AssertRefusal(answer, 404, 409);
            (await _studio.GetAsync("/v1/videos/" + id)).Error(404);
            Assert.False(Directory.Exists(Path.Combine(_studio.Options.DataFolder, id)));
        }
    }

    [Fact]
    public async Task A_cancellation_that_meets_completion_leaves_one_or_the_other()
    {
        for (var progress = 0; progress <= 100; progress += 10)
        {
            var id = await CreateAndWatchAsync(progress);
            var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => _studio.PostAsync($"/v1/videos/{id}/cancel")));
            foreach (var answer in answers.Where(answer => answer.Status != HttpStatusCode.OK)) Assert.Equal("video_over", answer.Error(409).Text("code"));
            var video = (await _studio.GetAsync("/v1/videos/" + id)).Json;
            var content = await _studio.GetAsync($"/v1/videos/{id}/content");
            if (video.Text("status") == "completed") Assert.Equal((HttpStatusCode.OK, 100), (content.Status, video.Number("progress")));
            else Assert.Equal(("failed", "cancelled", "video_failed"), (video.Text("status"), video.GetProperty("error").Text("code"), content.Error(409).Text("code")));
        }
    }

    [Fact]
    public async Task A_caller_who_goes_in_the_middle_hurts_nobody()
    {
        var id = await shared.FinishedAsync();
        foreach (var request in (string[])[$"GET /v1/videos/{id}/content", "GET /v1/events", $"GET /v1/videos/{id}/events", "POST /v1/videos"])
            for (var i = 0; i < 20; i++)
            {
                using var connection = await RawConnection.OpenAsync(_studio);
                await connection.SendAsync($"{request} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {(request[0] == 'P' ? 500 : 0)}\r\n\r\n");
            }
        Assert.Equal(HttpStatusCode.OK, (await _studio.GetAsync($"/v1/videos/{id}/content")).Status);
        await _studio.MakeAsync();
    }

    /// <summary>An error in the envelope, or one of the web server, which cannot read enough for more than a status.</summary>
    internal static void AssertRefusal(Answer? answer, params int[] statuses)
    {
        Assert.NotNull(answer);
        Assert.Contains((int)answer.Status, statuses);
        if (answer.Body.Length > 0) answer.Error((int)answer.Status);
        else Assert.True(answer.Headers.ConnectionClose, $"{(int)answer.Status} has no envelope");
    }

    private static string Part(string name, string value) => $"--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";

    private static async Task<bool> SendChunkAsync(RawConnection connection, byte[] chunk) =>
        await connection.SendAsync($"{chunk.Length:x}\r\n") && await connection.SendAsync(chunk) && await connection.SendAsync("\r\n");

    /// <summary>Creates a video and waits for some progress of it.</summary>
    private async Task<string> CreateAndWatchAsync(int progress)
    {
        var id = await _studio.CreateAsync("""{"prompt":"a red circle","width":16,"height":16,"num_frames":2,"num_inference_steps":8}""");
        await StudioExtensions.UntilAsync(async () => (await _studio.GetAsync("/v1/videos/" + id)).Json.Number("progress") >= progress);
        return id;
    }

    private Task<Answer> PostAsync(byte[] body, string contentType)
    {
        var content = new ByteArrayContent(body);
        if (contentType.Length > 0) content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return _studio.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/videos") { Content = content });
    }
}
