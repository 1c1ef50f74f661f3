using System.Globalization;

namespace OnDeviceSora.Checkpoints;

/// <summary>
/// Reads a model's sizes off the shapes of its tensors, for a checkpoint that has no configuration beside it. Sizes that no
/// shape shows (norm groups, the heads of a transformer without query norms) get a value that fits.
/// </summary>
internal sealed class ConfigInference(Checkpoint checkpoint)
{
    private const int MostStages = 8, MostBlocks = 512;

    /// <summary>The sizes of a T5 encoder.</summary>
    /// <exception cref="InvalidModelException">A tensor that shows them is missing or has an odd shape.</exception>
    public T5Config T5()
    {
        const string attention = "encoder.block.0.layer.0.SelfAttention";
        var embedding = Shape("shared.weight", 2);
        var bias = Shape($"{attention}.relative_attention_bias.weight", 2);
        return new T5Config
        {
            VocabSize = embedding[0],
            DModel = embedding[1],
            RelativeAttentionNumBuckets = bias[0],
            NumHeads = bias[1],
            DKv = Shape($"{attention}.q.weight", 2)[0] / bias[1],
            DFf = Shape("encoder.block.0.layer.1.DenseReluDense.wi_0.weight", 2)[0],
            NumLayers = Count("encoder.block.", MostBlocks),
        };
    }

    /// <summary>The sizes of an STDiT3 transformer.</summary>
    /// <exception cref="InvalidModelException">A tensor that shows them is missing or has an odd shape.</exception>
    public STDiT3Config STDiT3()
    {
        const string norm = "spatial_blocks.0.attn.q_norm.weight";
        var patch = Shape("x_embedder.proj.weight", 5);
        var caption = Shape("y_embedder.y_embedding", 2);
        var hasNorm = checkpoint.Contains(norm);
        var outputs = Shape("final_layer.linear.weight", 2)[0] / Math.Max(1, (long)patch[3] * patch[4]);
        return new STDiT3Config
        {
            HiddenSize = patch[0],
            InChannels = patch[1],
            PatchSize = (1, patch[3], patch[4]),
            NumHeads = hasNorm ? Math.Max(1, patch[0] / Shape(norm, 1)[0]) : 1,
            QkNorm = hasNorm,
            Depth = Count("spatial_blocks.", MostBlocks),
            ModelMaxLength = caption[0],
            CaptionChannels = caption[1],
            MlpRatio = (float)Shape("spatial_blocks.0.mlp.fc1.weight", 2)[0] / patch[0],
            PredSigma = outputs != patch[1],
        };
    }

    /// <summary>The sizes of a video autoencoder.</summary>
    /// <exception cref="InvalidModelException">A tensor that shows them is missing or has an odd shape.</exception>
    public VaeConfig Vae()
    {
        const string spatial = "spatial_vae.module.encoder.down_blocks.", temporal = "temporal_vae.encoder.block_res_blocks.";
        var latent = Shape("spatial_vae.module.decoder.conv_in.weight", 4)[1];
        var filters = Shape("temporal_vae.encoder.conv_in.conv.weight", 5)[0];
        var stages = Enumerable.Range(0, Math.Max(2, Count(temporal, MostStages)));
        return new VaeConfig
        {
            Spatial = new SpatialVaeConfig
            {
                BlockOutChannels = [.. Enumerable.Range(0, Math.Max(1, Count(spatial, MostStages))).Select(i => Shape($"{spatial}{i}.resnets.0.conv1.weight", 4)[0])],
                LayersPerBlock = Count($"{spatial}0.resnets.", MostBlocks),
                LatentChannels = latent,
                NormNumGroups = 1,
            },
            Temporal = new TemporalVaeConfig
            {
                Filters = filters,
                NumResBlocks = Count($"{temporal}0.", MostBlocks),
                ChannelMultipliers = [.. stages.Select(i => Shape($"{temporal}{i}.0.conv1.conv.weight", 5)[0] / filters)],
                TemporalDownsample = [.. stages.Skip(1).Select(i => checkpoint.Contains($"temporal_vae.encoder.conv_blocks.{i - 1}.conv.weight"))],
                LatentChannels = latent,
                NumGroups = 1,
            },
        };
    }

    private int[] Shape(string name, int dimensions)
    {
        var tensor = checkpoint.Find(name);
        if (tensor.Shape.Length != dimensions || tensor.Shape.Any(d => d is < 1 or > int.MaxValue))
        {
            throw new InvalidModelException(tensor.File,
                $"tensor {Describe.Quote(name)} has the shape {tensor.ShapeText}; {dimensions} dimensions of at least 1 are needed");
        }

        return [.. tensor.Shape.Select(d => (int)d)];
    }

    /// <summary>One more than the largest number that follows the prefix, so that a block missing in the middle is noticed.</summary>
    private int Count(string prefix, int most)
    {
        var largest = -1;
        foreach (var name in checkpoint.Names)
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var rest = name.AsSpan(prefix.Length);
            var dot = rest.IndexOf('.');
            if (dot > 0 && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < most)
                largest = Math.Max(largest, number);
        }

        return largest + 1;
    }
}
