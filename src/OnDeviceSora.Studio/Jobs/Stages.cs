namespace OnDeviceSora.Studio.Jobs;

/// <summary>The stages' names, and their shares of the progress.</summary>
internal static class Stages
{
    private const int DenoisingFrom = 2, DecodingFrom = 88, Almost = 99;

    public static string NameOf(GenerationStage stage) => stage switch
    {
        GenerationStage.TextEncoding => "text_encoding",
        GenerationStage.Denoising => "denoising",
        _ => "decoding",
    };

    /// <summary>How much of the whole is done, 0 to 99: the rest is the writing of the file.</summary>
    public static int ProgressOf(GenerationProgress progress)
    {
        var (from, to) = progress.Stage switch
        {
            GenerationStage.TextEncoding => (0, DenoisingFrom),
            GenerationStage.Denoising => (DenoisingFrom, DecodingFrom),
            _ => (DecodingFrom, Almost),
        };
        return progress.Leapt ? to : from + (int)((long)(to - from) * Math.Clamp(progress.Completed, 0, progress.Total) / progress.Total);
    }
}
