using OnDeviceSora.Bench.Synthesis;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints.Packages;

/// <summary>Layouts of the tiny and of the full-size model: only the headers are made.</summary>
public sealed class PackageLayoutTests
{
    public static TheoryData<string, WeightPrecision> Cases
    {
        get
        {
            var cases = new TheoryData<string, WeightPrecision>();
            foreach (var model in (string[])["tiny", "odd", "full"])
            {
                foreach (var precision in Enum.GetValues<WeightPrecision>()) cases.Add(model, precision);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Blocks_are_contiguous_and_begin_at_pages(string model, WeightPrecision precision)
    {
        var config = model switch
        {
            "full" => SyntheticModels.Full,
            // Rows that are no multiple of 4 bytes as int8, so that scales need fillers.
            "odd" => SyntheticModels.Tiny with { TextEncoder = SyntheticModels.Tiny.TextEncoder with { VocabSize = 321, DModel = 63, DFf = 125 } },
            _ => SyntheticModels.Tiny,
        };
        Check(ModelBlocks.T5(config.TextEncoder), [.. TensorNames.T5(config.TextEncoder)], precision);
        Check(ModelBlocks.STDiT3(config.Transformer), [.. TensorNames.STDiT3(config.Transformer)], precision);
        Check(ModelBlocks.Vae(config.Vae), [.. TensorNames.Vae(config.Vae)], precision);
    }

    private static void Check(IReadOnlyList<ModelBlock> blocks, IReadOnlyList<ExpectedTensor> tensors, WeightPrecision precision)
    {
        var layout = PackageLayout.Create(blocks, tensors, precision);
        Assert.Equal(blocks.Select(b => b.Name), layout.Blocks.Select(b => b.Name));
        Assert.All(layout.Blocks, block =>
        {
            Assert.Equal(0, block.Offset % PackageLayout.Alignment);
            var at = block.Offset;
            foreach (var tensor in block.Tensors)
            {
                Assert.Equal(at, tensor.Offset);
                Assert.Equal(0, tensor.Offset % (tensor.Entry.Type.Bits() / 8));
                at += tensor.Entry.Bytes;
            }

            Assert.Equal(block.Offset + block.Size, at);
        });
        Assert.Equal(0, layout.FileBytes % PackageLayout.Alignment);
        foreach (var (block, next) in layout.Blocks.Zip(layout.Blocks.Skip(1)))
            Assert.InRange(next.Offset - block.Offset - block.Size, 0, PackageLayout.Alignment - 1);

        // The strict reader accepts the header and finds every tensor where it was placed.
        var header = SafetensorsHeader.Parse("x.safetensors", layout.Header.AsSpan(SafetensorsHeader.PrefixLength), layout.FileBytes);
        Assert.Equal(layout.Tensors.Select(t => (t.Entry.Name, t.Offset)), header.Tensors.Values.OrderBy(t => t.Offset).Select(t => (t.Name, t.Offset)));
        foreach (var tensor in tensors)
        {
            var stored = header.Tensors[tensor.Name];
            var converted = tensor.Name.EndsWith(".weight", StringComparison.Ordinal) && tensor.Shape.Length > 1 && !tensor.Name.Contains("relative_attention_bias", StringComparison.Ordinal);
            var type = precision == WeightPrecision.Int8 && SensitiveWeights.Include(tensor.Name) ? ElementType.BF16 : precision.ElementType();
            Assert.Equal(converted ? type : ElementType.F32, stored.ElementType);
            Assert.Equal(stored.ElementType == ElementType.I8, header.Tensors.ContainsKey(tensor.Name + "_scale"));
        }
    }
}
