using System.Collections.Concurrent;
using System.Globalization;
using OnDeviceSora.Hub;

namespace OnDeviceSora.Tests.Hub;

/// <summary>Pulls from a hub on this machine that redirects, breaks off, refuses and lies.</summary>
public sealed class ModelPullTests : IAsyncLifetime, IDisposable
{
    private const string Model = "opensora-v1.2";
    private static readonly RetryPolicy Quick = new(5, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(2));
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _notes = [];
    private readonly ConcurrentQueue<PullProgress> _progress = [];
    private LocalHub _hub = null!;

    private string Cache => _folder.File("cache");

    private List<LocalHubRepository> Repositories => _hub.Repositories;

    public async Task InitializeAsync() => _hub = await LocalHub.StartAsync(LocalHubRepository.OpenSora(5_000_000));

    [Fact]
    public async Task Fetches_what_is_needed_byte_for_byte_and_says_where_it_is()
    {
        var result = await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);
        Assert.Equal(result.TotalBytes, result.FetchedBytes);
        Assert.Equal(result.TotalBytes, _hub.Served);
        var found = PulledModel.Find(Model, Settings());
        Assert.Equal(Repositories.Select(repository => repository.Commit), found.Parts.Select(part => part.Commit));
        Assert.True(File.Exists(Path.Combine(found.Transformer.Folder, "model.safetensors")));
        Assert.True(File.Exists(Path.Combine(found.TextEncoder.Folder, "model-00002-of-00002.safetensors")));
        Assert.True(File.Exists(found.TokenizerPath));
        Assert.DoesNotContain(_hub.Requests, request => request.Path.EndsWith("README.md", StringComparison.Ordinal) || request.Path.Contains("fp16", StringComparison.Ordinal));
        Assert.Equal(_progress.Last().Total, _progress.Last().Completed);
    }

    [Fact]
    public async Task Several_parts_of_a_file_are_fetched_at_once()
    {
        var (now, most) = (0, 0);
        using var gate = new Barrier(3);
        _hub.Fault = request =>
        {
            if (request is not { IsStorage: true, Range.Start: > 0 and < 3_500_000 }) return null;
            // Three requests must be here together for any of them to go on.
            if (Interlocked.Increment(ref now) <= 3 && gate.SignalAndWait(TimeSpan.FromSeconds(10))) Interlocked.Increment(ref most);
            return null;
        };
        await PullAsync();
        Assert.Equal(3, most);
        LocalHubRepository.AssertPulled(Cache, Repositories);
    }

    [Fact]
    public async Task What_is_there_is_not_fetched_again_whoever_fetched_it()
    {
        await PullAsync();
        var asked = _hub.Requests.Count(request => request.IsStorage);
        Assert.Equal(0, (await PullAsync()).FetchedBytes);
        Assert.Equal(asked, _hub.Requests.Count(request => request.IsStorage));

        // As another tool leaves it: a blob, but no link.
        var link = Path.Combine(PulledModel.Find(Model, Settings()).Vae.Folder, "model.safetensors");
        File.Delete(link);
        Assert.Throws<InvalidModelException>(() => PulledModel.Find(Model, Settings()));
        Assert.Equal(0, (await PullAsync()).FetchedBytes);
        Assert.True(File.Exists(link));
    }

    [Fact]
    public async Task A_copy_serves_as_well_as_a_link()
    {
        await PullAsync();
        var link = Path.Combine(PulledModel.Find(Model, Settings()).Vae.Folder, "model.safetensors");
        File.Move(File.ResolveLinkTarget(link, true)!.FullName, link, overwrite: true);
        Assert.Equal(0, (await PullAsync()).FetchedBytes);
        Assert.True(PulledModel.Find(Model, Settings()).IsComplete);
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_nowhere_else()
    {
        _hub.Token = "hf_secret";
        var refused = await Assert.ThrowsAsync<DownloadException>(() => PullAsync());
        Assert.Contains("set HF_TOKEN", refused.Message, StringComparison.Ordinal);

        await PullAsync(settings: Settings("hf_secret"));
        Assert.All(_hub.Requests.Where(request => request.IsStorage), request => Assert.Null(request.Authorization));
        Assert.Contains(_hub.Requests, request => request is { IsStorage: false, Authorization: "Bearer hf_secret" });
        LocalHubRepository.AssertPulled(Cache, Repositories);
    }

    [Fact]
    public async Task Goes_on_where_connections_broke()
    {
        // Each connection to the storage server breaks after 300 000 bytes: only resuming can ever finish a part.
        _hub.Fault = request => request.IsStorage ? new LocalHubFault { DropAfter = 300_000 } : null;
        var result = await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);
        Assert.Contains(_hub.Requests, request => request.IfRange == "\"tag\"");
        // Nothing that arrived was fetched twice; what was on the way when a connection broke may be.
        Assert.Equal(result.TotalBytes, result.FetchedBytes);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(416)]
    [InlineData(403)]
    public async Task Tries_again_when_the_storage_server_refuses_for_a_while(int status)
    {
        var requests = 0;
        _hub.Fault = request => request.IsStorage && Interlocked.Increment(ref requests) % 4 == 2
            ? status == 416 ? new LocalHubFault { RefusesRange = true } : new LocalHubFault { Status = status }
            : null;
        await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);
    }

    [Fact]
    public async Task Waits_as_long_as_the_server_asks_but_not_for_ever()
    {
        var asked = new List<DateTime>();
        _hub.Fault = request =>
        {
            if (!request.Path.Contains("/api/", StringComparison.Ordinal)) return null;
            asked.Add(DateTime.UtcNow);
            return asked.Count == 1 ? new LocalHubFault { Status = 429, Headers = new Dictionary<string, string> { ["Retry-After"] = "1" } } : null;
        };
        await PullAsync();
        Assert.True(asked[1] - asked[0] > TimeSpan.FromSeconds(0.9));

        _hub.Fault = _ => new LocalHubFault { Status = 429, Headers = new Dictionary<string, string> { ["Retry-After"] = "7200" } };
        Assert.Contains("come back in 120 minutes", (await Assert.ThrowsAsync<DownloadException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_up_after_a_bounded_number_of_attempts_and_keeps_what_arrived()
    {
        _hub.Fault = request => request is { IsStorage: true, Range.Start: > 2_000_000 } ? new LocalHubFault { Status = 500 } : null;
        var error = await Assert.ThrowsAsync<DownloadException>(() => PullAsync());
        Assert.Contains("answers 500", error.Message, StringComparison.Ordinal);
        Assert.Contains("5 attempts", error.Message, StringComparison.Ordinal);
        LocalHubRepository.AssertNothingWrong(Cache, Repositories);

        var before = _hub.Served;
        _hub.Fault = _ => null;
        var result = await PullAsync();
        Assert.True(_hub.Served - before < result.TotalBytes - 1_000_000, "what had arrived was fetched again");
        LocalHubRepository.AssertPulled(Cache, Repositories);
    }

    [Fact]
    public async Task A_server_without_ranges_sends_the_file_in_one_piece()
    {
        var drops = 0;
        _hub.Fault = request => request.IsStorage
            ? new LocalHubFault { IgnoresRange = true, Chunked = true, DropAfter = request.Range is null && Interlocked.Increment(ref drops) == 1 ? 1_000_000 : null }
            : null;
        await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);
        Assert.Contains(_notes, note => note.Contains("does not send parts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_bytes_are_fetched_again_once()
    {
        var wrong = 0;
        _hub.Fault = request => request.IsStorage && Interlocked.Increment(ref wrong) == 1 ? new LocalHubFault { WrongBytes = true } : null;
        await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);
        Assert.Contains(_notes, note => note.Contains("wrong bytes arrived", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_always_sends_wrong_bytes_is_refused_and_leaves_nothing_wrong()
    {
        _hub.Fault = request => request.Path.EndsWith(".safetensors", StringComparison.Ordinal) ? new LocalHubFault { WrongBytes = request.IsStorage } : null;
        var error = await Assert.ThrowsAsync<DownloadException>(() => PullAsync());
        Assert.Contains("sent wrong bytes twice", error.Message, StringComparison.Ordinal);
        Assert.Contains(Repositories[0].Hash("model.safetensors"), error.Message, StringComparison.Ordinal);
        LocalHubRepository.AssertNothingWrong(Cache, Repositories);
        Assert.Empty(Directory.EnumerateFiles(Cache, "*.sora-*", SearchOption.AllDirectories));
        Assert.False(PulledModel.Look(Model, Settings())!.IsComplete);
    }

    [Fact]
    public async Task A_small_file_with_wrong_bytes_is_refused_too()
    {
        _hub.Fault = request => request.Path.EndsWith("config.json", StringComparison.Ordinal) ? new LocalHubFault { WrongBytes = true } : null;
        Assert.Contains("git sha1", (await Assert.ThrowsAsync<DownloadException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, false, "listing says")]
    [InlineData(-1000, false, "listing says")]
    [InlineData(1000, true, "listing says")]
    [InlineData(-4_900_000, true, "listing says")]
    public async Task A_file_of_another_size_is_refused(int extra, bool chunked, string words)
    {
        _hub.Fault = request => request.IsStorage ? new LocalHubFault { ExtraBytes = extra, Chunked = chunked } : null;
        var error = await Assert.ThrowsAsync<DownloadException>(() => PullAsync());
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        LocalHubRepository.AssertNothingWrong(Cache, Repositories);
    }

    [Fact]
    public async Task A_refused_range_begins_the_file_anew_once()
    {
        var refusals = 0;
        _hub.Fault = request => request is { IsStorage: true, Range.Start: > 0 } && Interlocked.Increment(ref refusals) == 1 ? new LocalHubFault { Status = 416 } : null;
        await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);

        Directory.Delete(Cache, true);
        _hub.Fault = request => request is { IsStorage: true, Range.Start: > 0 } ? new LocalHubFault { Status = 416 } : null;
        Assert.Contains("416", (await Assert.ThrowsAsync<DownloadException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_tag_or_an_expired_address_does_no_harm()
    {
        var requests = 0;
        _hub.Fault = request =>
        {
            if (request.IsStorage && Interlocked.Increment(ref requests) % 3 == 0) _hub.Tag = string.Create(CultureInfo.InvariantCulture, $"\"{requests}\"");
            return null;
        };
        await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);
    }

    [Fact]
    public async Task A_connection_that_stands_still_is_given_up()
    {
        var stalls = 0;
        _hub.Fault = request => request.IsStorage && Interlocked.Increment(ref stalls) == 2 ? new LocalHubFault { StallAfter = 100_000 } : null;
        await PullAsync(options => options with { StallTimeout = TimeSpan.FromSeconds(0.5) });
        LocalHubRepository.AssertPulled(Cache, Repositories);

        _hub.Fault = _ => new LocalHubFault { StallAfter = 10 };
        Directory.Delete(Cache, true);
        var error = await Assert.ThrowsAsync<DownloadException>(() => PullAsync(options => options with { StallTimeout = TimeSpan.FromSeconds(0.1) }));
        Assert.Contains("sent nothing", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "HF_TOKEN")]
    [InlineData(403, "accept the repository's conditions")]
    [InlineData(404, "not found on the hub")]
    [InlineData(418, "answers 418")]
    public async Task What_the_hub_refuses_is_said_at_once(int status, string words)
    {
        _hub.Fault = _ => new LocalHubFault { Status = status };
        Assert.Contains(words, (await Assert.ThrowsAsync<DownloadException>(() => PullAsync())).Message, StringComparison.Ordinal);
        Assert.Single(_hub.Requests);
    }

    [Fact]
    public async Task A_hub_that_is_not_there_is_said_in_a_sentence()
    {
        var settings = Settings() with { Endpoint = _hub.Endpoint };
        await _hub.DisposeAsync();
        Assert.Contains("could not be reached", (await Assert.ThrowsAsync<DownloadException>(() => PullAsync(settings: settings))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_that_never_end_or_lead_elsewhere_are_refused()
    {
        _hub.Fault = request => new LocalHubFault { Status = 302, Headers = new Dictionary<string, string> { ["Location"] = request.Path + "x" } };
        Assert.Contains("redirected more than 10 times", (await Assert.ThrowsAsync<DownloadException>(() => PullAsync())).Message, StringComparison.Ordinal);
        _hub.Fault = request => new LocalHubFault { Status = 302, Headers = new Dictionary<string, string> { ["Location"] = "file:///etc/passwd" } };
        Assert.Contains("refused", (await Assert.ThrowsAsync<DownloadException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../evil")]
    [InlineData("/etc/evil")]
    [InlineData("C:\\evil")]
    [InlineData("a/../../evil")]
    [InlineData("a//evil")]
    [InlineData("a\\..\\evil")]
    public async Task A_listing_that_leads_out_of_the_repository_is_refused(string name)
    {
        Repositories[0].ExtraNames.Add(name);
        Assert.Contains("leads out of the repository", (await Assert.ThrowsAsync<DownloadException>(() => PullAsync())).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public async Task A_repository_without_its_weights_is_refused_by_name()
    {
        Repositories[2].Files.Remove("text_encoder/model-00002-of-00002.safetensors");
        Assert.Contains("text_encoder/model-00002-of-00002.safetensors", (await Assert.ThrowsAsync<DownloadException>(() => PullAsync())).Message, StringComparison.Ordinal);
        Assert.Equal(0, _hub.Served);
    }

    [Fact]
    public async Task Headers_tell_what_a_listing_without_hashes_does_not()
    {
        foreach (var repository in Repositories) repository.ListsHashes = false;
        await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);
    }

    [Fact]
    public async Task A_disk_that_is_too_small_is_refused_before_anything_is_fetched()
    {
        var error = await Assert.ThrowsAsync<OutputException>(() => PullAsync(options => options with { FreeSpace = _ => 1_000_000 }));
        Assert.Contains("are free", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _hub.Served);

        // Only what is missing counts.
        await PullAsync();
        await PullAsync(options => options with { FreeSpace = _ => 0 });
    }

    [Fact]
    public async Task Two_pulls_at_once_fetch_everything_once()
    {
        _hub.BytesPerSecond = 4_000_000;
        var results = await Task.WhenAll(PullAsync(), PullAsync());
        LocalHubRepository.AssertPulled(Cache, Repositories);
        Assert.Equal(results[0].TotalBytes, results.Sum(result => result.FetchedBytes));
    }

    [Fact]
    public async Task Cancelling_keeps_what_arrived()
    {
        _hub.BytesPerSecond = 4_000_000;
        using var stop = new CancellationTokenSource();
        var pull = PullAsync(cancellation: stop.Token);
        await _hub.AfterAsync(3_000_000);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);

        _hub.BytesPerSecond = 0;
        var result = await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);
        Assert.InRange(result.FetchedBytes, 1, result.TotalBytes - 2_000_000);
    }

    [Fact]
    public async Task A_damaged_file_in_the_cache_is_found_by_size_or_by_verifying()
    {
        await PullAsync();
        var blob = File.ResolveLinkTarget(Path.Combine(PulledModel.Find(Model, Settings()).Vae.Folder, "model.safetensors"), true)!.FullName;
        await File.WriteAllBytesAsync(blob, (await File.ReadAllBytesAsync(blob))[..1000]);
        await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);

        await using (var file = File.OpenWrite(blob)) file.WriteByte(1);
        await PullAsync(options => options with { Verify = true });
        LocalHubRepository.AssertPulled(Cache, Repositories);
    }

    [Fact]
    public async Task A_journal_that_lies_costs_time_but_never_a_file()
    {
        var model = Repositories[0];
        var blobs = Directory.CreateDirectory(Path.Combine(Cache, "models--hpcai-tech--OpenSora-STDiT-v3", "blobs")).FullName;
        var blob = Path.Combine(blobs, model.Hash("model.safetensors"));
        await File.WriteAllBytesAsync(blob + ".sora-incomplete", new byte[5_000_000]);
        await File.WriteAllTextAsync(blob + ".sora-parts", $"{0:x16} {5_000_000:x16}\n");
        await PullAsync();
        LocalHubRepository.AssertPulled(Cache, Repositories);
    }

    [Fact]
    public async Task Parts_have_revisions_of_their_own_and_the_last_pulled_is_found()
    {
        await PullAsync();
        var first = Repositories[1].Commit;
        Repositories[1].Commit = new string('c', 40);
        await PullAsync(options => options with { Revisions = new Dictionary<string, string> { ["vae"] = "v2" } });
        Assert.Equal(new string('c', 40), PulledModel.Find(Model, Settings()).Vae.Commit);
        Repositories[1].Commit = first;
        await PullAsync();
        Assert.Equal(first, PulledModel.Find(Model, Settings()).Vae.Commit);

        await Assert.ThrowsAsync<InvalidRequestException>(() => PullAsync(options => options with { Revision = "../main" }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => PullAsync(options => options with { Connections = 0 }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => ModelPull.RunAsync("nothing"));
    }

    public Task DisposeAsync() => _hub.DisposeAsync().AsTask();

    public void Dispose() => _folder.Dispose();

    private HubSettings Settings(string? token = null) => new(_hub.Endpoint, Cache, token);

    private Task<PullResult> PullAsync(Func<PullOptions, PullOptions>? change = null, HubSettings? settings = null, CancellationToken cancellation = default)
    {
        var options = new PullOptions { Hub = settings ?? Settings(), Retry = Quick, Note = _notes.Enqueue, Progress = new Queue(_progress) };
        return Task.Run(() => ModelPull.RunAsync(Model, change?.Invoke(options) ?? options, cancellation), CancellationToken.None);
    }

    private sealed class Queue(ConcurrentQueue<PullProgress> to) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => to.Enqueue(value);
    }
}
