using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>The last layer: norm, modulation by t, and one linear layer to the values of each patch (specification 5.4).</summary>
/// <param name="ScaleShiftTable">Learned part of the modulation, <c>[2, C]</c>.</param>
/// <param name="Linear">To patch height x patch width x output channels.</param>
internal sealed record FinalLayer(Tensor ScaleShiftTable, Linear Linear) : IDisposable
{
    private const float Epsilon = 1e-6f;

    /// <summary>Reads the layer; <paramref name="loader"/> stands at <c>final_layer.</c>.</summary>
    public static FinalLayer Load(WeightLoader loader, int width, int outputs) =>
        new(loader.Tensor("scale_shift_table", 2, width), loader.Linear("linear", width, outputs));

    /// <summary>Runs the layer.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="tokens">Tokens <c>[batch, T, patches, C]</c>; their values are lost.</param>
    /// <param name="noisy">Embedding of t, <c>[batch, C]</c>.</param>
    /// <param name="clean">Embedding of timestep 0; needed with a mask.</param>
    /// <param name="mask">Which frames are being denoised, or <c>null</c> for all.</param>
    /// <returns>A new tensor <c>[batch, T, patches, outputs]</c>.</returns>
    public Tensor Run(ComputeEngine engine, Tensor tokens, Tensor noisy, Tensor? clean, ActiveFrames? mask)
    {
        Modulate(engine, tokens, noisy);
        if (mask is not null) ModulateCleanFrames(engine, tokens, clean!, mask);
        return Linear.Run(engine, tokens);
    }

    public void Dispose()
    {
        ScaleShiftTable.Dispose();
        Linear.Dispose();
    }

    /// <summary>The reference norms and modulates clean frames a second time, on top of the first; its weights expect that.</summary>
    private void ModulateCleanFrames(ComputeEngine engine, Tensor x, Tensor clean, ActiveFrames mask)
    {
        var (batch, frames, patches, width) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        for (var item = 0; item < batch; item++)
        {
            for (var frame = 0; frame < frames; frame++)
            {
                if (mask.IsActive(item, frame)) continue;
                var tokens = x.Reshape(batch * frames, patches, width).Slice(item * frames + frame, 1);
                Modulate(engine, tokens, clean.Slice(item, 1));
            }
        }
    }

    private void Modulate(ComputeEngine engine, Tensor tokens, Tensor embedding)
    {
        var (groups, width) = (embedding.Shape[0], embedding.Shape[1]);
        using var parts = engine.Allocate(2, groups, width);
        for (var i = 0; i < parts.Length; i++)
        {
            parts.Span[i] = ScaleShiftTable.Span[i / (groups * width) * width + i % width] + embedding.Span[i % (groups * width)];
        }
        var rowsPerGroup = (int)(tokens.Length / width / groups);
        LayerNorm.Run(engine, tokens, Epsilon, tokens, new Modulation(parts.Slice(0, 1), parts.Slice(1, 1), rowsPerGroup));
    }
}
