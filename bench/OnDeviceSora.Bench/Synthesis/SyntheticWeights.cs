using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Bench.Synthesis;

/// <summary>
/// A model's weights made up: seeded, each tensor a function of its name alone, spread so that activations stay finite and of
/// ordinary size through any number of blocks.
/// </summary>
/// <param name="tensors">The model's tensors.</param>
/// <param name="seed">Another seed, other weights.</param>
internal sealed class SyntheticWeights(IEnumerable<ExpectedTensor> tensors, long seed) : ITensorSource
{
    // What a layer adds to the residual: a tenth, so that dozens of blocks change the size of the sum little.
    private const double Damping = 0.1;

    private static readonly string[] Residual =
        [".o.weight", ".wo.weight", "attn.proj.weight", ".mlp.fc2.weight", ".conv2.weight", ".conv2.conv.weight", ".to_out.0.weight"];

    private static readonly float[] LatentScale = [3.85f, 2.32f, 2.33f, 3.06f], LatentShift = [-0.10f, 0.34f, 0.27f, 0.98f];

    private readonly HashSet<string> _names = [.. tensors.Where(t => t.Name != "encoder.embed_tokens.weight").Select(t => t.Name)];

    /// <inheritdoc/>
    public bool Contains(string name) => _names.Contains(name);

    /// <inheritdoc/>
    public void Read(ExpectedTensor tensor, long firstElement, Span<float> destination)
    {
        if (Known(tensor) is { } known)
        {
            known.AsSpan((int)firstElement, destination.Length).CopyTo(destination);
            return;
        }

        var (centre, deviation) = Distribution(tensor);
        // A uniform number reaches the square root of 3 times its deviation.
        CounterNoise.Fill(Key(tensor.Name), firstElement, (float)centre, (float)(deviation * Math.Sqrt(3)), destination);
    }

    /// <summary>Nothing is held.</summary>
    public void Dispose() { }

    /// <summary>Tensors whose values are known: frequencies and the latents' scale and shift (specification 5.3, 7).</summary>
    private static float[]? Known(ExpectedTensor tensor) => tensor.Name switch
    {
        "rope.freqs" => [.. Enumerable.Range(0, (int)tensor.Shape[0]).Select(i => MathF.Pow(10_000, -i / (float)tensor.Shape[0]))],
        "scale" => [.. Enumerable.Range(0, (int)tensor.Shape[1]).Select(i => LatentScale[i % LatentScale.Length])],
        "shift" => [.. Enumerable.Range(0, (int)tensor.Shape[1]).Select(i => LatentShift[i % LatentShift.Length])],
        _ => null,
    };

    private static (double Centre, double Deviation) Distribution(ExpectedTensor tensor)
    {
        var name = tensor.Name;
        if (Ends(name, ".bias")) return (0, 0.02);
        if (Ends(name, "scale_shift_table")) return (0, 1 / Math.Sqrt(tensor.Shape[^1]));
        if (Ends(name, "relative_attention_bias.weight")) return (0, 0.5);
        if (name == "shared.weight" || Ends(name, "y_embedding")) return (0, 1);
        if (tensor.Shape.Length == 1) return (1, 0.05);
        var deviation = 1 / Math.Sqrt(tensor.Shape.Skip(1).Aggregate(1.0, (a, b) => a * b));
        // T5 does not divide its scores by the root of the head's width: its queries are small instead.
        if (Ends(name, "SelfAttention.q.weight")) return (0, deviation / 8);
        return (0, Residual.Any(r => Ends(name, r)) ? deviation * Damping : deviation);
    }

    private static bool Ends(string name, string end) => name.EndsWith(end, StringComparison.Ordinal);

    private ulong Key(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {name}"), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
