using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Autoencoder;

/// <summary>One of the autoencoder's four models as what they all are: parts that run one after another, streamed.</summary>
internal sealed class PartSequence : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly BlockStreamer<IAutoencoderPart> _parts;

    /// <summary>Prepares to stream a model's parts.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="checkpoint">The weights; stays open as long as this object.</param>
    /// <param name="blocks">The parts as the checkpoint is divided.</param>
    /// <param name="parts">How each of them is loaded, under the same names in the same order.</param>
    /// <param name="streaming">How they come into memory.</param>
    public PartSequence(
        ComputeEngine engine, Checkpoint checkpoint, IEnumerable<ModelBlock> blocks,
        IEnumerable<(string Name, Func<WeightLoader, IAutoencoderPart> Load)> parts, StreamingSettings streaming)
    {
        _engine = engine;
        var (blockList, loads) = (blocks.ToList(), parts.ToList());
        if (!blockList.Select(block => block.Name).SequenceEqual(loads.Select(part => part.Name))) throw new ArgumentException("The parts are not those the checkpoint is divided into.", nameof(parts));
        _parts = ModelStreamer.Create(engine, checkpoint, ModelFolder.VaeName, blockList, (loader, index) => loads[index].Load(loader), streaming);
    }

    /// <summary>Runs all parts.</summary>
    /// <param name="input">What the first receives; the caller keeps it.</param>
    /// <param name="cancellation">Looked at between the parts.</param>
    /// <returns>What the last gives, a new tensor.</returns>
    public Tensor Run(Tensor input, CancellationToken cancellation)
    {
        Tensor? x = null;
        try
        {
            foreach (var part in _parts.Pass(cancellation))
            {
                var next = part.Weights.Run(_engine, x ?? input);
                if (!ReferenceEquals(next, x)) x?.Dispose();
                x = next;
            }
            return x!;
        }
        catch
        {
            x?.Dispose();
            throw;
        }
    }

    /// <summary>Frees the parts that are in memory.</summary>
    public void Dispose() => _parts.Dispose();
}
