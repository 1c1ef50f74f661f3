using OnDeviceSora.Acceleration;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench;

/// <summary>One spatial and one temporal block of STDiT3-XL/2 on 256x256x68: 20 latent frames of 16x16 patches, batch 2, 30 text tokens.</summary>
internal static class BlockBench
{
    private const int Hidden = 1152;
    private const int Heads = 16;
    private const int Batch = 2;
    private const int Frames = 20;
    private const int Patches = 256;
    private const int TextTokens = 30;

    public static void Run(BenchOptions options)
    {
        using var engine = new ComputeEngine(options.Threads);
        using var tokens = RandomTensors.Normal(engine, 1f, Batch, Frames, Patches, Hidden);
        using var rope = new RopeTables(engine, [.. Enumerable.Range(0, Hidden / Heads / 2).Select(i => MathF.Pow(10000, -2f * i / (Hidden / Heads)))]);
        using var timestep = RandomTensors.Normal(engine, 0.1f, Batch, 6 * Hidden);
        using var modulation = StepModulation.Create(engine, timestep, null, null, Frames, Patches);
        using var spatial = RandomBlock(engine);
        using var temporal = RandomBlock(engine);

        Comparison.Print("block pair 256x256x68", Flop, () =>
        {
            // The caption is made anew each time, so that its keys and values are computed in every run, as in the peer.
            using var text = new TextConditioning(engine, RandomTensors.Normal(engine, 1f, Batch, TextTokens, Hidden), [TextTokens, TextTokens]);
            using var x = engine.Allocate(tokens.Shape.Extents);
            x.CopyFrom(tokens);
            var step = new STDiT3Step(modulation, text, new TemporalTokenMerging(engine, active: false), rope, ActivationSlices.Whole);
            new STDiT3Block(engine, spatial, Heads, new BlockName(BlockKind.Spatial, 0)).Forward(x, step);
            new STDiT3Block(engine, temporal, Heads, new BlockName(BlockKind.Temporal, 0)).Forward(x, step);
        }, options);
    }

    /// <summary>Specification, section 15: linear layers 28 N C^2 a block, attention 4 T S^2 C and 4 S T^2 C, cross 4 N L C.</summary>
    private static double Flop
    {
        get
        {
            double n = Frames * Patches, c = Hidden;
            var linear = 2 * 28 * n * c * c;
            var attention = 4.0 * Frames * Patches * Patches * c + 4.0 * Patches * Frames * Frames * c;
            var text = 2 * (4 * n * TextTokens * c + 4 * TextTokens * c * c);
            return Batch * (linear + attention + text);
        }
    }

    private static STDiT3BlockWeights RandomBlock(ComputeEngine engine) => new()
    {
        ScaleShiftTable = RandomTensors.Normal(engine, 0.1f, 6, Hidden),
        Qkv = RandomLinear(engine, Hidden, 3 * Hidden),
        QueryNorm = RandomTensors.Normal(engine, 1f, Hidden / Heads),
        KeyNorm = RandomTensors.Normal(engine, 1f, Hidden / Heads),
        Projection = RandomLinear(engine, Hidden, Hidden),
        CrossQuery = RandomLinear(engine, Hidden, Hidden),
        CrossKeyValue = RandomLinear(engine, Hidden, 2 * Hidden),
        CrossProjection = RandomLinear(engine, Hidden, Hidden),
        MlpIn = RandomLinear(engine, Hidden, 4 * Hidden),
        MlpOut = RandomLinear(engine, 4 * Hidden, Hidden),
    };

    private static Linear RandomLinear(ComputeEngine engine, int inputs, int outputs)
    {
        using var weight = RandomTensors.Normal(engine, 1 / MathF.Sqrt(inputs), outputs, inputs);
        return new Linear(PackedMatrix.Pack(engine, weight.Span, outputs, inputs), RandomTensors.Normal(engine, 0.1f, outputs));
    }
}
