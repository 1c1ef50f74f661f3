using System.Globalization;
using System.Net;

namespace OnDeviceSora.Studio.Tests;

/// <summary>Ten thousand calls that are nearly right.</summary>
public sealed class FuzzTests
{
    private const int Requests = 10_000, Connections = 8;

    [Fact]
    public async Task Ten_thousand_spoilt_requests_are_answered_and_the_server_goes_on()
    {
        await using var studio = await Studio.StartAsync(options => options with { QueueLimit = 4, Pipeline = new PipelineOptions { Threads = 1 } });
        List<string> ids = ["video_00000000000000000000000000", "x"];
        for (var i = 0; i < 4; i++) ids.Add((await studio.MakeAsync()).Text("id"));
        // What is asked for meanwhile waits, so that little but the answering takes time.
        await using (await studio.OccupyAsync())
        {
            ids.Add(await studio.CreateAsync());
            var answered = await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => Task.Run(() => AskAsync(studio, ids, worker))));
            var problems = answered.SelectMany(counts => counts.Problems).ToList();
            Assert.True(problems.Count == 0, $"{problems.Count} problems\n{string.Join("\n\n", problems.Take(10))}");
            Assert.InRange(answered.Sum(counts => counts.Good), 500, Requests);
            Assert.InRange(answered.Sum(counts => counts.Refused), 3000, Requests);
            await studio.ClearAsync();
        }
        Assert.Equal(HttpStatusCode.OK, (await studio.GetAsync("/ready")).Status);
        await studio.MakeAsync();
    }

    /// <summary>Sends one connection's share, and a new connection when the server closed the last one.</summary>
    private static async Task<(int Good, int Refused, List<string> Problems)> AskAsync(Studio studio, List<string> ids, int worker)
    {
        var (good, refused, problems) = (0, 0, new List<string>());
        var connection = await RawConnection.OpenAsync(studio);
        for (var number = worker; number < Requests; number += Connections)
        {
            var request = FuzzedRequest.Of(number, ids);
            await connection.SendAsync(request.Bytes);
            if (!request.IsFramed) connection.Finish();
            var answer = await connection.ReadAsync(request.Method == "HEAD");
            if (Problem(request, answer) is { } problem) problems.Add(string.Create(CultureInfo.InvariantCulture, $"request {number}: {problem}: {(int?)answer?.Status} {answer?.Text}\n{request}"));
            if (answer is { Status: < HttpStatusCode.BadRequest }) good++;
            else if (answer is not null) refused++;
            if (request.IsFramed && !connection.IsClosed) continue;
            connection.Dispose();
            connection = await RawConnection.OpenAsync(studio);
        }
        connection.Dispose();
        return (good, refused, problems);
    }

    /// <summary>What is wrong with an answer.</summary>
    private static string? Problem(FuzzedRequest request, Answer? answer)
    {
        // A caller who leaves in the middle of his call need not be answered.
        if (answer is null) return request.IsFramed ? "no answer" : null;
        if ((int)answer.Status < 400) return null;
        if ((int)answer.Status is >= 500 and not 505) return "the server's fault";
        if (request.Method == "HEAD") return null;
        if (answer.Body.Length > 0) return Record.Exception(() => answer.Error((int)answer.Status))?.Message;
        // The web server has no words for what it cannot read.
        return answer.Headers.ConnectionClose == true && (int)answer.Status is 400 or 405 or 408 or 411 or 413 or 414 or 431 or 505 ? null : "no envelope";
    }
}
