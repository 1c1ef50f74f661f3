using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Media;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>How alike two finished videos are.</summary>
internal static class CompareEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/videos/compare", CompareAsync).WithSummary("SSIM and PSNR of two finished videos of one size").Produces<VideoComparison>().Refuses(400, 404, 409);

    private static async Task<VideoComparison> CompareAsync(HttpContext context, JobStore store, string? left = null, string? right = null)
    {
        var (one, other) = (Find(store, left, "left"), Find(store, right, "right"));
        var (width, height) = (one.Request.Width!.Value, one.Request.Height!.Value);
        if ((width, height) != (other.Request.Width, other.Request.Height))
            throw ApiException.Invalid("right", $"the videos are {width}x{height} and {other.Request.Width}x{other.Request.Height}; only videos of one size can be compared");
        try
        {
            var frames = Read(store, one, context.RequestAborted).Zip(Read(store, other, context.RequestAborted));
            return await Task.Run(() => VideoComparison.OfAsync(one.Id, other.Id, frames)).ConfigureAwait(false);
        }
        catch (InvalidFileException)
        {
            throw ApiException.Conflict(VideoReader.IsAvailable ? "a video's file is damaged" : "videos cannot be read without ffmpeg on the server", "not_readable");
        }
    }

    private static VideoJob Find(JobStore store, string? id, string param)
    {
        if (id is null) throw ApiException.Invalid(param, $"'{param}' is missing; give the ids of two videos as left and right", "missing_required_parameter");
        var job = store.Find(id) ?? throw ApiException.NotFound($"there is no video with the id of '{param}'", param);
        ContentEndpoints.RequireCompleted(job);
        return job;
    }

    private static IAsyncEnumerable<VideoFrame> Read(JobStore store, VideoJob job, CancellationToken cancellation) =>
        VideoReader.ReadAsync(store.Folder(job.Id).At(job.Outcome!.FileName), job.Request.Width!.Value, job.Request.Height!.Value, cancellation);
}

/// <summary>How alike two videos are, over the frames of the shorter one.</summary>
internal sealed record VideoComparison(string Left, string Right, int Frames, double Ssim, double PsnrDb, IReadOnlyList<double> FrameSsim)
{
    /// <summary>The ratio of pictures that are the same, which has no number in JSON.</summary>
    private const double SamePictures = 100;

    /// <param name="left">One video.</param>
    /// <param name="right">The other.</param>
    /// <param name="frames">Their frames, side by side.</param>
    public static async Task<VideoComparison> OfAsync(string left, string right, IAsyncEnumerable<(VideoFrame Left, VideoFrame Right)> frames)
    {
        var (similarities, ratios) = (new List<double>(), new List<double>());
        await foreach (var (a, b) in frames.ConfigureAwait(false))
        {
            similarities.Add(Math.Round(StructuralSimilarity.Of(a, b), 5));
            ratios.Add(Math.Min(SamePictures, PeakSignalToNoise.Of(a, b)));
        }

        return new VideoComparison(left, right, similarities.Count, Math.Round(similarities.Average(), 5), Math.Round(ratios.Average(), 2), similarities);
    }
}
