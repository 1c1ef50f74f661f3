using OnDeviceSora.Tensors;

namespace OnDeviceSora.Acceleration;

/// <summary>An attention layer: reads <paramref name="x"/> and stores <c>epilogue(attention(x))</c>.</summary>
/// <param name="x">Tokens <c>[batch, frames, positions, width]</c>, of all frames or of merged ones.</param>
/// <param name="output">Result, of the same shape.</param>
/// <param name="epilogue">Gate and residual to apply while storing.</param>
internal delegate void AttentionLayer(Tensor x, Tensor output, Epilogue epilogue);

/// <summary>
/// Temporal Dimension Token Merging (paper, section 5.2): around each attention of the first steps, neighbouring frames'
/// tokens are averaged, so that attention sees half as many tokens, and its result is copied back to both frames.
/// </summary>
/// <remarks>
/// The reference runs for some frame counts only. Here M = T / 2 merged frames serve any T: frame t takes merged frame
/// min(t / 2, M - 1), so that the last frame of an odd count shares the last pair's result; a single frame is not merged.
/// This equals the reference wherever that runs. Norms, gates, residuals and the MLP always see every frame.
/// </remarks>
/// <param name="engine">Where to compute.</param>
/// <param name="active">Whether this step merges.</param>
internal sealed class TemporalTokenMerging(ComputeEngine engine, bool active)
{
    /// <summary>Computes <c>tokens += gate * attention(x)</c>.</summary>
    /// <param name="tokens">Tokens <c>[batch, frames, positions, width]</c>, changed in place.</param>
    /// <param name="x">What attention reads, of the same shape; may be <paramref name="tokens"/>, if the layer leaves that as it is.</param>
    /// <param name="gate">Factors by group of rows, or <c>null</c> for 1.</param>
    /// <param name="rowsPerGate">Rows that share one row of the gate.</param>
    /// <param name="attention">The layer.</param>
    public void AddAttention(Tensor tokens, Tensor x, Tensor? gate, int rowsPerGate, AttentionLayer attention)
    {
        if (!Merges(tokens.Shape[1]))
        {
            attention(x, tokens, new Epilogue { Gate = gate, RowsPerGate = rowsPerGate, Residual = tokens });
            return;
        }
        using var merged = engine.Allocate(x.Shape[0], FramePairs.MergedCount(x.Shape[1]), x.Shape[2], x.Shape[3]);
        FramePairs.Average(engine, x, merged);
        using var attended = engine.Allocate(merged.Shape.Extents);
        attention(merged, attended, default);
        FramePairs.AddExpanded(engine, tokens, attended, gate, rowsPerGate);
    }

    /// <summary>Whether a video of so many latent frames is merged in this step.</summary>
    public bool Merges(int frames) => active && frames > 1;
}
