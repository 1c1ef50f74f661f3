using System.Buffers.Binary;
using System.Text;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

/// <summary>Tens of thousands of damaged headers: each is read or refused with one of the library's errors, quickly and in little memory.</summary>
public sealed class MutatedFileTests
{
    private const int Mutations = 12_000;

    [Fact]
    public void Mutated_safetensors_headers()
    {
        var seeds = new[]
        {
            Header(RepositoryGoldens.File("t5", "padded.safetensors")),
            Header(RepositoryGoldens.File("stdit3", "x_mask.safetensors")),
            Encoding.UTF8.GetBytes("{\"__metadata__\":{\"a\":\"b\"},\"x\":{\"dtype\":\"F4\",\"shape\":[2,2],\"data_offsets\":[0,2]},\"y\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[2,3]}}  "),
        };
        var dataBytes = seeds.Select(DataBytes).ToArray();
        var refused = Run(seeds, (mutated, seed) =>
        {
            var header = SafetensorsHeader.Parse("m.safetensors", mutated, 8 + mutated.Length + dataBytes[seed]);
            // What is accepted must lie inside the file.
            Assert.All(header.Tensors.Values, t => Assert.InRange(t.Offset + t.ByteLength, 0, 8 + mutated.Length + dataBytes[seed]));
        });
        Assert.InRange(refused, Mutations / 2, Mutations);
    }

    [Fact]
    public void Mutated_safetensors_files()
    {
        using var folder = new TemporaryFolder();
        var seed = SafetensorsBytes.File("{" + SafetensorsBytes.Tensor("a", "F16", "[4,2]", 0, 16) + "}   ", 16);
        var refused = Run([seed], (mutated, _) =>
        {
            using var file = SafetensorsFile.Open(folder.Write("m.safetensors", mutated));
            foreach (var tensor in file.Tensors.Values)
                file.ReadAsFloat32(tensor, new float[tensor.Elements]);
        }, 2000);
        Assert.InRange(refused, 500, 2000);
    }

    [Fact]
    public void Mutated_configurations()
    {
        var refused = Run([Encoding.UTF8.GetBytes(ModelConfigTests.Small)], (mutated, _) =>
        {
            var config = ModelConfig.Parse("config.json", mutated);
            // Whatever is accepted gives lists of names of a bounded length.
            Assert.InRange(TensorNames.STDiT3(config.Transformer).Count(), 1, 40_000);
            Assert.InRange(TensorNames.Vae(config.Vae).Count(), 1, 40_000);
            Assert.InRange(TensorNames.T5(config.TextEncoder).Count(), 1, 40_000);
        });
        Assert.InRange(refused, Mutations / 3, Mutations);
    }

    [Fact]
    public void Mutated_indexes()
    {
        var seed = "{\"metadata\":{\"total_size\":12},\"weight_map\":{\"a\":\"m-00001.safetensors\",\"b\":\"m-00002.safetensors\",\"c\":\"m-00001.safetensors\"}}";
        var refused = Run([Encoding.UTF8.GetBytes(seed)], (mutated, _) =>
            Assert.DoesNotContain(ShardIndex.Parse("m.index.json", mutated).Shards, s => s.AsSpan().ContainsAny('/', '\\')));
        Assert.InRange(refused, Mutations / 3, Mutations);
    }

    [Fact]
    public void Mutated_requests()
    {
        var seed = "{\"prompt\":\"a \\ud83c\\udf0a\",\"width\":64,\"guidanceScale\":7.5,\"seed\":42,\"leap\":{\"minimumSteps\":14,\"tolerance\":0.001,\"patience\":3},\"mergeSteps\":0}";
        var refused = Run([Encoding.UTF8.GetBytes(seed)], (mutated, _) => VideoRequestJson.Parse(Encoding.UTF8.GetString(mutated), "r.json"));
        Assert.InRange(refused, Mutations / 3, Mutations);
    }

    /// <summary>Feeds mutations of the seeds to a reader; anything but success or a typed error fails. Returns how many were refused.</summary>
    private static int Run(byte[][] seeds, Action<byte[], int> read, int count = Mutations)
    {
        var random = new Random(20240521);
        var refused = 0;
        for (var i = 0; i < count; i++)
        {
            var seed = i % seeds.Length;
            var mutated = Mutation.Of(seeds[seed], random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(mutated, seed);
            }
            catch (SoraException e)
            {
                refused++;
                Assert.InRange(e.Message.Length, 1, 4000);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32_000_000);
        }

        return refused;
    }

    private static byte[] Header(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes[8..(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes))];
    }

    private static long DataBytes(byte[] header)
    {
        using var document = System.Text.Json.JsonDocument.Parse(header);
        return document.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__")
            .Max(p => p.Value.GetProperty("data_offsets")[1].GetInt64());
    }
}
