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
    private const int MostFrames = 512;

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/videos/compare", CompareAsync).WithSummary("SSIM and PSNR of two finished videos of one size").Produces<VideoComparison>().Refuses(400, 404, 409);

    private static async Task<VideoComparison> CompareAsync(HttpContext context, JobStore store, string? left = null, string? right = null)
    {
        var (one, other) = (Find(store, left, "left"), Find(store, right, "right"));
        var (width, height) = (one.Request.Width!.Value, one.Request.Height!.Value);
        if ((width, height) != (other.Request.Width, other.Request.Height))
            throw ApiException.Invalid("right", $"the videos are {width}x{height} and {other.Request.Width}x{other.Request.Height}; only videos of one size can be compared");
        var a = await ReadAsync(store, one, context.RequestAborted).ConfigureAwait(false);
        var b = await ReadAsync(store, other, context.RequestAborted).ConfigureAwait(false);
        return await Task.Run(() => VideoComparison.Of(one.Id, other.Id, a, b)).ConfigureAwait(false);
    }

    private static VideoJob Find(JobStore store, string? id, string param)
    {
        if (id is null) throw ApiException.Invalid(param, $"'{param}' is missing; give the ids of two videos as left and right", "missing_required_parameter");
        var job = store.Find(id) ?? throw ApiException.NotFound($"there is no video with the id of '{param}'", param);
        ContentEndpoints.RequireCompleted(job);
        return job;
    }

    private static async Task<IReadOnlyList<VideoFrame>> ReadAsync(JobStore store, VideoJob job, CancellationToken cancellation)
    {
        try
        {
            return await VideoReader.ReadAsync(store.Folder(job.Id).At(job.Outcome!.FileName), job.Request.Width!.Value, job.Request.Height!.Value, MostFrames, cancellation).ConfigureAwait(false);
        }
        catch (InvalidFileException) when (VideoReader.IsAvailable)
        {
            throw ApiException.Conflict("a video's file is damaged", "not_readable");
        }
        catch (InvalidFileException)
        {
            throw ApiException.Conflict("videos cannot be read without ffmpeg on the server", "not_readable");
        }
    }
}

/// <summary>How alike two videos are, over the frames of the shorter one.</summary>
internal sealed record VideoComparison(string Left, string Right, int Frames, double Ssim, double PsnrDb, IReadOnlyList<double> FrameSsim)
{
    /// <summary>The ratio of pictures that are the same, which has no number in JSON.</summary>
    private const double SamePictures = 100;

    public static VideoComparison Of(string left, string right, IReadOnlyList<VideoFrame> a, IReadOnlyList<VideoFrame> b)
    {
        var pairs = a.Zip(b).ToList();
        double[] similarities = [.. pairs.Select(pair => Math.Round(StructuralSimilarity.Of(pair.First, pair.Second), 5))];
        var ratio = pairs.Average(pair => Math.Min(SamePictures, PeakSignalToNoise.Of(pair.First, pair.Second)));
        return new VideoComparison(left, right, pairs.Count, Math.Round(similarities.Average(), 5), Math.Round(ratio, 2), similarities);
    }
}
