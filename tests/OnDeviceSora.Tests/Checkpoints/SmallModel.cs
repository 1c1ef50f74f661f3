using System.Text;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

/// <summary>Writes a whole small model folder, all zeros, from its configuration.</summary>
internal static class SmallModel
{
    public static ModelConfig Config { get; } = ModelConfig.Parse("config.json", Encoding.UTF8.GetBytes(ModelConfigTests.Small));

    public static void Write(TemporaryFolder folder)
    {
        folder.Write("config.json", ModelConfigTests.Small);
        folder.Write("spiece.model", "not looked into here");
        Write(folder.File("text_encoder.safetensors"), TensorNames.T5(Config.TextEncoder));
        Write(folder.File("transformer.safetensors"), TensorNames.STDiT3(Config.Transformer));
        Write(folder.File("vae.safetensors"), TensorNames.Vae(Config.Vae));
    }

    public static void Write(string path, IEnumerable<ExpectedTensor> tensors)
    {
        var writer = new SafetensorsWriter();
        // Half precision: a quarter of the bytes for the same header would do too, but weights must be numbers.
        foreach (var tensor in tensors)
            writer.Add(tensor.Name, ElementType.BF16, tensor.Shape, new byte[2 * tensor.Shape.Aggregate(1L, (a, b) => a * b)]);
        writer.Save(path);
    }
}
