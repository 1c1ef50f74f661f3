using OnDeviceSora.Streaming;

namespace OnDeviceSora.Bench.Streaming;

/// <summary>A model whose blocks are streamed, and something for it to do.</summary>
internal interface IStreamedWork
{
    /// <summary>Its name in the results: <c>stdit</c> or <c>t5</c>.</summary>
    string Name { get; }

    /// <summary>Passes over its blocks.</summary>
    int Passes { get; }

    /// <summary>How often each mode is run, in turn with the others; the median is reported. Short work needs more.</summary>
    int Runs { get; }

    /// <summary>Opens the model; its blocks come as the settings say.</summary>
    IDisposable Open(StreamingSettings settings);

    /// <summary>One pass of an open model.</summary>
    void RunPass(IDisposable model);
}
