using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>What the text encoder takes for a prompt: a mirror of <see cref="Text.T5Encoder"/> in numbers.</summary>
internal static class TextWork
{
    /// <summary>Memory and operations.</summary>
    /// <param name="engine">Where it will run.</param>
    /// <param name="config">The encoder's sizes.</param>
    /// <param name="tokens">Tokens of the prompt.</param>
    public static StageWork Of(ComputeEngine engine, T5Config config, int tokens)
    {
        double width = config.DModel, inner = config.InnerWidth, hidden = config.DFf, length = tokens;
        // The hidden states, the bias of all pairs and its masked copy.
        var held = length * width + 2.0 * config.NumHeads * length * length;
        var meter = new PeakMeter(0);
        meter.Floats(held + length * (width + Math.Max(4 * inner, 2 * hidden)));
        meter.Needs(MatMul.ScratchBytes(engine, tokens, config.InnerWidth, config.DModel));
        meter.Needs(MatMul.ScratchBytes(engine, tokens, config.DFf, config.DModel));
        meter.Needs(MatMul.ScratchBytes(engine, tokens, config.DModel, config.DFf));
        meter.Needs(MatMul.ScratchBytes(engine, tokens, config.DModel, config.InnerWidth));
        meter.Needs(Attention.ScratchBytes(engine, tokens, config.NumHeads, config.DKv));
        var operations = config.NumLayers * (length * (8 * width * inner + 6 * width * hidden) + 4 * length * length * inner);
        return new StageWork(meter.Peak, meter.Scratch, operations);
    }
}
