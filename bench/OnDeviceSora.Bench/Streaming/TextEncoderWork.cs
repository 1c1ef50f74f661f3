using OnDeviceSora.Checkpoints;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;
using OnDeviceSora.Text;

namespace OnDeviceSora.Bench.Streaming;

/// <summary>One prompt through the T5 encoder.</summary>
/// <param name="engine">Where to compute.</param>
/// <param name="model">The model.</param>
/// <param name="tokens">Tokens of the prompt.</param>
internal sealed class TextEncoderWork(ComputeEngine engine, ModelFolder model, int tokens) : IStreamedWork
{
    public string Name => "t5";

    public int Passes => 1;

    public int Runs => 5;

    public IDisposable Open(StreamingSettings settings) => T5Encoder.Load(engine, model.TextEncoder, model.Config.TextEncoder, settings);

    public void RunPass(IDisposable encoder)
    {
        var ids = Enumerable.Range(1, tokens).ToArray();
        ((T5Encoder)encoder).Encode(ids, [tokens], null, CancellationToken.None).Dispose();
    }
}
