using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Text;

/// <summary>The T5 v1.1 encoder: token ids to caption features (specification 4; Hugging Face's <c>T5EncoderModel</c>).</summary>
internal sealed class T5Encoder : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly T5Config _config;
    private readonly WeightArena _ends;
    private readonly TokenEmbedding _embedding;
    private readonly Tensor _relativeAttentionBias;
    private readonly Tensor _finalNorm;
    private readonly BlockStreamer<T5Block> _blocks;

    private T5Encoder(WeightLoader loader, T5Config config, WeightArena ends, BlockStreamer<T5Block> blocks)
    {
        _engine = loader.Engine;
        _config = config;
        _ends = ends;
        _blocks = blocks;
        _embedding = new TokenEmbedding(loader.Checkpoint, config);
        _relativeAttentionBias = loader.Tensor("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", config.RelativeAttentionNumBuckets, config.NumHeads);
        _finalNorm = loader.Tensor("encoder.final_layer_norm.weight", config.DModel);
    }

    /// <summary>Blocks of the encoder.</summary>
    public int Depth => _blocks.Count;

    /// <summary>Receives each stage's result by the name the reference's trace gives it; for tests.</summary>
    internal Action<string, Tensor>? Observer { get; set; }

    /// <summary>Opens the encoder of a checkpoint with the published names; a decoder in it is ignored.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="checkpoint">The weights; stays open as long as the encoder.</param>
    /// <param name="config">Their sizes.</param>
    /// <param name="streaming">How the blocks come into memory; <c>null</c> to keep all once they are loaded.</param>
    /// <exception cref="InvalidModelException">A tensor is missing or has another shape.</exception>
    public static T5Encoder Load(ComputeEngine engine, Checkpoint checkpoint, T5Config config, StreamingSettings? streaming = null)
    {
        var parts = ModelBlocks.T5(config);
        var blocks = parts.Where(block => block.Name.StartsWith("encoder.", StringComparison.Ordinal)).ToList();
        return ModelStreamer.Open(engine, checkpoint, parts[0],
            () => ModelStreamer.Create(engine, checkpoint, ModelFolder.TextEncoderName, blocks,
                (loader, index) => T5Block.Load(loader.Within(blocks[index].Name), config), streaming ?? StreamingSettings.AllResident),
            (loader, ends, streamer) => new T5Encoder(loader, config, ends, streamer));
    }

    /// <summary>Encodes token ids whose padding is all behind the tokens that count.</summary>
    /// <param name="ids">Ids, batch by length, row-major; each 0 to the vocabulary size - 1.</param>
    /// <param name="lengths">Tokens that count, by batch item; those behind are padding, which no token attends to.</param>
    /// <param name="progress">Receives the number of blocks that are done.</param>
    /// <param name="cancellation">Looked at before every block.</param>
    /// <returns>A new tensor <c>[batch, length, width]</c>; rows of padding hold values without use.</returns>
    public Tensor Encode(ReadOnlySpan<int> ids, IReadOnlyList<int> lengths, Action<int>? progress, CancellationToken cancellation)
    {
        var length = ids.Length / lengths.Count;
        return Encode(ids, [.. lengths.Select(real => Enumerable.Range(0, length).Select(i => i < real).ToArray())], progress, cancellation);
    }

    /// <summary>Encodes token ids under any mask.</summary>
    /// <param name="ids">Ids, batch by length, row-major; each 0 to the vocabulary size - 1.</param>
    /// <param name="mask">For each batch item, which of its tokens others attend to.</param>
    /// <param name="progress">Receives the number of blocks that are done.</param>
    /// <param name="cancellation">Looked at before every block.</param>
    /// <returns>A new tensor <c>[batch, length, width]</c>; rows of masked tokens hold values without use.</returns>
    public Tensor Encode(ReadOnlySpan<int> ids, bool[][] mask, Action<int>? progress, CancellationToken cancellation)
    {
        var (batch, length) = (mask.Length, ids.Length / mask.Length);
        var x = _engine.Allocate(batch, length, _config.DModel);
        var biases = new List<Tensor>();
        try
        {
            _embedding.Read(ids, x);
            Observer?.Invoke("embed", x);
            using var bias = new RelativePositionBias(_relativeAttentionBias, _config.RelativeAttentionMaxDistance).For(_engine, length);
            Observer?.Invoke("position_bias", bias);
            foreach (var item in mask) biases.Add(RelativePositionBias.Masked(_engine, bias, item));
            foreach (var block in _blocks.Pass(cancellation))
            {
                block.Weights.Forward(_engine, _config, x, biases);
                Observer?.Invoke($"block.{block.Index}", x);
                progress?.Invoke(block.Index + 1);
            }
            RmsNorm.Run(_engine, x, _finalNorm, _config.LayerNormEpsilon, x);
            return x;
        }
        catch
        {
            x.Dispose();
            throw;
        }
        finally
        {
            foreach (var bias in biases) bias.Dispose();
        }
    }

    public void Dispose()
    {
        _ends.Dispose();
        _blocks.Dispose();
    }
}
