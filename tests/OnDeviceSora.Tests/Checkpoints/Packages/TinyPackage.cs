using OnDeviceSora.Bench.Synthesis;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints.Packages;

/// <summary>Made-up models of a few million weights, as packages and as published.</summary>
internal static class TinyPackage
{
    public static byte[] Tokenizer { get; } = "not looked into here"u8.ToArray();

    public static ModelSource Source() => SynthesizeCommand.Source("tiny", SyntheticModels.Tiny, Tokenizer, seed: 1);

    public static PackageManifest Write(string folder, PackagePrecision? precision = null)
    {
        using var source = Source();
        return PackageWriter.Write(source, folder, precision ?? new PackagePrecision(), replace: false, null, CancellationToken.None);
    }

    public static void WritePublished(string folder, WeightPrecision precision = WeightPrecision.Fp32)
    {
        using var source = Source();
        new PublishedCheckpoint(source, precision, CancellationToken.None).Write(folder);
    }

    public static byte[] Weights(string folder, string model) => File.ReadAllBytes(Path.Combine(folder, model + ".safetensors"));

    public static float[] Read(Checkpoint checkpoint, string name)
    {
        var tensor = checkpoint.Find(name);
        var values = new float[tensor.Elements];
        checkpoint.Read(name, [.. tensor.Shape.Select(d => (int)d)], values);
        return values;
    }
}
