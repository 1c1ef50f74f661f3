using OnDeviceSora.Previews;

namespace OnDeviceSora.Studio.Models;

/// <summary>What draws previews of one model: begun when it is first needed, better after every video, kept in the data folder.</summary>
/// <param name="path">The file.</param>
internal sealed class PreviewFile(string path)
{
    private PreviewSamples? _samples;

    /// <summary>What draws previews now; <c>null</c> for a model without an encoder.</summary>
    /// <param name="open">Opens the model, in case there are no samples yet.</param>
    /// <param name="cancellation">Stops the making of the first ones.</param>
    public async Task<LatentPreview?> GetAsync(Func<VideoPipeline> open, CancellationToken cancellation)
    {
        _samples ??= PreviewSamples.Load(path);
        if (_samples is not null) return _samples.Fit();
        try
        {
            using var pipeline = open();
            _samples = await pipeline.SamplePreviewAsync(cancellation).ConfigureAwait(false);
        }
        catch (InvalidModelException)
        {
            return null;
        }

        Keep();
        return _samples.Fit();
    }

    /// <summary>Learns from a finished video.</summary>
    public void Learn(GeneratedVideo video)
    {
        if (_samples is null) return;
        _samples.Add(video);
        Keep();
    }

    private void Keep()
    {
        try
        {
            _samples!.Save(path);
        }
        catch (OutputException)
        {
            // Without room on the disk it is learnt anew.
        }
    }
}
