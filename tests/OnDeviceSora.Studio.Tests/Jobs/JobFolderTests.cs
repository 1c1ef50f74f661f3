using OnDeviceSora.Acceleration;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Tests.Jobs;

public sealed class JobFolderTests : IDisposable
{
    private const string Id = "video_01kb3m2x6q9f0ss7ha4n000000";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_member_of_a_job_is_kept()
    {
        using var data = DataFolder.Open(_folder.Path);
        var job = SampleJob.Of(Id) with
        {
            Rank = 1.25,
            Memory = 3_300_000_000,
            PlannedSeconds = 9.5,
            Adjusted = ["size 1280x720 became 64x64"],
            RemixedFrom = "video_01kb3m2x6q9f0ss7ha4n000001",
            Status = JobStatus.Failed,
            Progress = 41,
            CompletedAt = DateTimeOffset.FromUnixTimeSeconds(1_790_000_100),
            Error = new JobError(JobError.DiskFull, "no room"),
            Outcome = new JobOutcome("video.mp4", 18, 17, 1.5, 100_000_000),
        };
        job = job with { Request = job.Request with { Leap = LeapSettings.At(15), MergeSteps = 3, Seed = long.MaxValue } };
        data.Job(Id).Save(job, survivesPowerLoss: true);
        var read = data.Job(Id).Read();
        Assert.Equal(job with { Adjusted = read.Adjusted }, read);
        Assert.Equal(job.Adjusted, read.Adjusted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"id":"x"}""")]
    [InlineData("""{"id":"video_01kb3m2x6q9f0ss7ha4n000000","request":{"prompt":5},"model":"m","createdAt":"2026-01-01T00:00:00Z","rank":0,"seconds":"3"}""")]
    [InlineData("""{"id":"video_01kb3m2x6q9f0ss7ha4n000000","request":{"prompt":"a"},"model":"m","createdAt":"2026-01-01T00:00:00Z","rank":0,"seconds":"3","status":"done"}""")]
    public void What_is_no_job_is_refused(string text)
    {
        using var data = DataFolder.Open(_folder.Path);
        Directory.CreateDirectory(_folder[Id]);
        File.WriteAllText(Path.Combine(_folder[Id], JobFolder.JobFile), text);
        Assert.Throws<InvalidFileException>(() => data.Job(Id).Read());
    }

    [Theory]
    [InlineData("..")]
    [InlineData("video_../../../../etc/passwd000")]
    [InlineData("video_01kb3m2x6q9f0ss7ha4n00000")]
    [InlineData("VIDEO_01kb3m2x6q9f0ss7ha4n000000")]
    [InlineData("video_01kb3m2x6q9f0ss7ha4n000000\n")]
    public void What_is_no_id_names_no_folder(string id)
    {
        using var data = DataFolder.Open(_folder.Path);
        Assert.False(VideoIds.IsValid(id));
        Assert.Throws<ArgumentException>(() => data.Job(id));
    }

    [Fact]
    public void Ids_sort_by_age_also_within_a_millisecond_and_when_the_clock_goes_back()
    {
        var clock = new SetClock();
        var ids = new VideoIds(clock);
        var made = new List<string>();
        for (var i = 0; i < 300; i++)
        {
            if (i == 100) clock.Now -= TimeSpan.FromHours(1);
            if (i == 200) clock.Now += TimeSpan.FromHours(2);
            made.Add(ids.Next());
        }

        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.Equal(made.Count, made.Distinct().Count());
        Assert.All(made, id => Assert.True(VideoIds.IsValid(id), id));
        var later = new VideoIds(clock);
        later.Saw("video_zzzzzzzzzz0000000000000zzz");
        Assert.Equal("video_zzzzzzzzzz00000000000010000"[..32], later.Next());
    }

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
