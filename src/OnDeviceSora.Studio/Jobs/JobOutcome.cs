namespace OnDeviceSora.Studio.Jobs;

/// <summary>What is known of a video once its frames are there.</summary>
/// <param name="FileName">Name of the video's file in the job's folder.</param>
/// <param name="ExecutedSteps">Denoising steps that were computed.</param>
/// <param name="LeapStep">Index of the step that leapt, from 0; <c>null</c> when none did.</param>
/// <param name="Seconds">Time the generation took, over all its runs.</param>
/// <param name="PeakResidentBytes">Peak resident memory of the server so far.</param>
internal sealed record JobOutcome(string FileName, int ExecutedSteps, int? LeapStep, double Seconds, long PeakResidentBytes)
{
    /// <summary>The media type of the file: an animated PNG where there was no ffmpeg.</summary>
    public string ContentType => FileName.EndsWith(".mp4", StringComparison.Ordinal) ? "video/mp4" : "image/png";
}
