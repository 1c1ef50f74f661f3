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
        await using var studio = await Studio.StartAsync(options => options with { QueueLimit = 4 });
        List<string> ids = ["video_00000000000000000000000000", "x"];
        for (var i = 0; i < 4; i++) ids.Add((await studio.MakeAsync()).Text("id"));
        // What is asked for meanwhile waits, so that nothing but the answering takes time.
        await using (await studio.OccupyAsync())
        {
            ids.Add(await studio.CreateAsync());
            var answered = await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => Task.Run(() => AskAsync(studio, ids, worker))));
            Assert.InRange(answered.Sum(counts => counts.Good), 500, Requests);
            Assert.InRange(answered.Sum(counts => counts.Refused), 3000, Requests);
            await studio.ClearAsync();
        }
        Assert.Equal(HttpStatusCode.OK, (await studio.GetAsync("/ready")).Status);
        await studio.MakeAsync();
    }

    /// <summary>Sends one connection's share, and a new connection when the server closed the last one.</summary>
    private static async Task<(int Good, int Refused)> AskAsync(Studio studio, List<string> ids, int worker)
    {
        var (good, refused) = (0, 0);
        var connection = await RawConnection.OpenAsync(studio);
        for (var number = worker; number < Requests; number += Connections)
        {
            var request = FuzzedRequest.Of(number, ids);
            await connection.SendAsync(request.Bytes);
            if (!request.IsFramed) connection.Finish();
            var answer = await connection.ReadAsync(request.Method == "HEAD");
            Check(request, number, answer);
            if (answer is { Status: < HttpStatusCode.BadRequest }) good++;
            else if (answer is not null) refused++;
            if (request.IsFramed && !connection.IsClosed) continue;
            connection.Dispose();
            connection = await RawConnection.OpenAsync(studio);
        }
        connection.Dispose();
        return (good, refused);
    }

    private static void Check(FuzzedRequest request, int number, Answer? answer)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"request {number}, answered with {(int?)answer?.Status} {answer?.Text}:\n{request}");
        // A caller who leaves in the middle of his call need not be answered.
        Assert.True(answer is not null || !request.IsFramed, what);
        if (answer is null || (int)answer.Status < 400) return;
        Assert.True((int)answer.Status < 500, what);
        if (request.Method == "HEAD") return;
        // The web server has no words for what it cannot read.
        if (answer.Body.Length == 0) Assert.True(answer.Headers.ConnectionClose == true && (int)answer.Status is 400 or 408 or 411 or 413 or 414 or 431, what);
        else answer.Error((int)answer.Status);
    }
}
