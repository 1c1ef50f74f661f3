namespace OnDeviceSora.Cli;

/// <summary>What the process returns. Documented in <c>sora --help</c> and docs/cli.md.</summary>
internal static class ExitCodes
{
    public const int Success = 0, Unexpected = 1, Usage = 2, BadInput = 3, OutputFailed = 4, DownloadFailed = 5, Cancelled = 130;

    public const string Help = """
        Exit codes:
          0    done
          1    unexpected error (a bug, or out of memory)
          2    the command line or the request cannot be honoured
          3    a model or file is missing, damaged or of the wrong kind
          4    the result could not be written
          5    a model could not be fetched
          130  cancelled by Ctrl-C or SIGTERM; no partial output is left

        Environment:
          SORA_MODEL   folder of the model used when --model is not given
          SORA_CACHE   folder for what may be computed again: text embeddings
          SORA_HOME    folder whose subfolder models holds installed models
          HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE  the hub that sora pull asks, and its cache
          SORA_API_KEY what callers of sora serve must have
          SORA_FFMPEG  path of the ffmpeg program that makes MP4
        """;
}
