using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Layers;

/// <summary>
/// Answers a sampler with the reference's velocity, and compares the package's transformer with it on the way: every block on the
/// reference's input, as a whole and with one layer exchanged at a time, and all blocks in a row.
/// </summary>
/// <param name="engine">Where to compute.</param>
/// <param name="reference">The model that is taken for right.</param>
/// <param name="package">The model that is measured.</param>
internal sealed class LayerErrorMeter(ComputeEngine engine, ObservedTransformer reference, ObservedTransformer package) : IVideoTransformer
{
    /// <summary>Everything outside the blocks.</summary>
    private const string Ends = "ends";

    /// <summary>What was measured, over all steps.</summary>
    public LayerErrors Errors { get; } = new();

    /// <inheritdoc/>
    public void PredictVelocity(VelocityQuery query, Tensor velocity, CancellationToken cancellation)
    {
        using var right = reference.Run(query, velocity, cancellation);
        using var other = engine.Allocate(velocity.Shape.Extents);
        using var measured = package.Run(query, other, cancellation);
        Errors.Of(Ends, "y_embedder").Isolated.Add(reference.Caption, package.Caption);
        Errors.Of(Ends, "t_embedder, t_block").Isolated.Add(right.Time, measured.Time);
        Errors.Of(Ends, "x_embedder").Isolated.Add(right.Tokens, measured.Tokens);
        // Both walk over their own first tokens, and leave them changed.
        foreach (var (own, exchanged) in reference.Blocks(cancellation).Zip(package.Blocks(cancellation)))
            Compare(own.Index, own.Weights, exchanged.Weights, right, measured);
        Errors.Of(Ends).Accumulated.Add(velocity, other);
    }

    private void Compare(int index, STDiT3BlockWeights own, STDiT3BlockWeights exchanged, ObservedStep right, ObservedStep measured)
    {
        var block = BlockName.At(index).ToString();
        using var input = engine.Allocate(right.Tokens.Shape.Extents);
        using var output = engine.Allocate(right.Tokens.Shape.Extents);
        input.CopyFrom(right.Tokens);
        reference.RunBlock(index, own, right.Tokens, right);
        package.RunBlock(index, exchanged, measured.Tokens, measured);
        Errors.Of(block).Accumulated.Add(right.Tokens, measured.Tokens);
        Isolate(LayerErrors.All, exchanged);
        foreach (var (layer, swap) in LayerSwap.Every) Isolate(layer, swap(own, exchanged));

        void Isolate(string layer, STDiT3BlockWeights weights)
        {
            output.CopyFrom(input);
            reference.RunBlock(index, weights, output, right);
            Errors.Of(block, layer).Isolated.Add(right.Tokens, output);
        }
    }
}
