using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Text;

/// <summary>The T5 v1.1 encoder: token ids to caption features (specification 4; Hugging Face's <c>T5EncoderModel</c>).</summary>
internal sealed class T5Encoder : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly T5Config _config;
    private readonly Tensor _embedding;
    private readonly Tensor _relativeAttentionBias;
    private readonly Tensor _finalNorm;
    private readonly IReadOnlyList<T5Block> _blocks;

    private T5Encoder(WeightLoader loader, T5Config config)
    {
        _engine = loader.Engine;
        _config = config;
        _embedding = loader.Tensor("shared.weight", config.VocabSize, config.DModel);
        _relativeAttentionBias = loader.Tensor("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", config.RelativeAttentionNumBuckets, config.NumHeads);
        _finalNorm = loader.Tensor("encoder.final_layer_norm.weight", config.DModel);
        _blocks = [.. Enumerable.Range(0, config.NumLayers).Select(i => T5Block.Load(loader.Within($"encoder.block.{i}"), config))];
    }

    /// <summary>Blocks of the encoder.</summary>
    public int Depth => _blocks.Count;

    /// <summary>Receives each stage's result by the name the reference's trace gives it; for tests.</summary>
    internal Action<string, Tensor>? Observer { get; set; }

    /// <summary>Reads the encoder from a checkpoint with the published names; a decoder in it is ignored.</summary>
    /// <exception cref="InvalidModelException">A tensor is missing or has another shape.</exception>
    public static T5Encoder Load(ComputeEngine engine, Checkpoint checkpoint, T5Config config) => new(new WeightLoader(engine, checkpoint), config);

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
            Embed(ids, x);
            Observer?.Invoke("embed", x);
            using var bias = new RelativePositionBias(_relativeAttentionBias, _config.RelativeAttentionMaxDistance).For(_engine, length);
            Observer?.Invoke("position_bias", bias);
            foreach (var item in mask) biases.Add(RelativePositionBias.Masked(_engine, bias, item));
            for (var i = 0; i < _blocks.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                _blocks[i].Forward(_engine, _config, x, biases);
                Observer?.Invoke($"block.{i}", x);
                progress?.Invoke(i + 1);
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
        _embedding.Dispose();
        _relativeAttentionBias.Dispose();
        _finalNorm.Dispose();
        foreach (var block in _blocks) block.Dispose();
    }

    private void Embed(ReadOnlySpan<int> ids, Tensor x)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)_config.VocabSize) throw new ArgumentOutOfRangeException(nameof(ids), ids[i], $"Token id outside the vocabulary of {_config.VocabSize}.");
            _embedding.Slice(ids[i], 1).Span.CopyTo(x.Span[(i * _config.DModel)..]);
        }
    }
}
