using OnDeviceSora.Previews;

namespace OnDeviceSora.Studio.Models;

/// <summary>What draws previews of one model: made when it is first needed, then kept in the data folder.</summary>
/// <param name="path">The file.</param>
internal sealed class PreviewFile(string path)
{
    private LatentPreview? _preview;

    /// <summary>Loads it, or makes it with a pipeline of the model; <c>null</c> for a model without an encoder.</summary>
    public async Task<LatentPreview?> GetAsync(Func<VideoPipeline> open, CancellationToken cancellation)
    {
        if ((_preview ??= LatentPreview.Load(path)) is { } known) return known;
        try
        {
            using var pipeline = open();
            _preview = await pipeline.FitPreviewAsync(cancellation).ConfigureAwait(false);
            _preview.Save(path);
        }
        catch (Exception e) when (e is InvalidModelException or OutputException)
        {
            // Without an encoder there are no previews; without room on the disk it is made again next time.
        }

        return _preview;
    }
}
