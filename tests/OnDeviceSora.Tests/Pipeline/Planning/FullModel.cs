using System.Text;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Pipeline.Planning;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Pipeline.Planning;

/// <summary>Open-Sora v1.2 at its published size, as lists of tensors without weights: T5 in 8-bit integers, the others in bfloat16.</summary>
internal static class FullModel
{
    public static ModelConfig Config { get; } = ModelConfig.Parse("config.json", Encoding.UTF8.GetBytes("""
        {
          "text_encoder": { "d_model": 4096, "d_kv": 64, "num_heads": 64, "d_ff": 10240, "num_layers": 24, "vocab_size": 32128, "feed_forward_proj": "gated-gelu" },
          "transformer": { "hidden_size": 1152, "num_heads": 16, "depth": 28, "caption_channels": 4096, "model_max_length": 300 },
          "vae": {
            "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "latent_channels": 4,
            "temporal": { "filters": 128, "num_res_blocks": 4, "channel_multipliers": [1, 2, 2, 4], "temporal_downsample": [false, true, true] }
          },
          "sampling": { "height": 256, "width": 256, "num_frames": 68, "fps": 24, "num_sampling_steps": 30, "guidance_scale": 7.0 }
        }
        """));

    public static PipelineWeights Weigh(ComputeEngine engine, ElementType vae = ElementType.BF16) => PipelineWeights.Of(
        engine, Config, List(TensorNames.T5(Config.TextEncoder), ElementType.I8), List(TensorNames.STDiT3(Config.Transformer), ElementType.BF16), List(TensorNames.Vae(Config.Vae), vae));

    public static GenerationPlanner Planner(ComputeEngine engine, PlanningLimits limits, MachineSpeed? speed = null) =>
        new(engine, Config, Weigh(engine), limits, speed);

    /// <summary>Stored as a device package stores them: matrices in the precision, everything else in single precision.</summary>
    private static IReadOnlyCollection<(string, TensorInfo)> List(IEnumerable<ExpectedTensor> tensors, ElementType precision) =>
        [.. tensors.Where(tensor => tensor.Name != "encoder.embed_tokens.weight").SelectMany(tensor => Stored(tensor, precision))];

    private static IEnumerable<(string, TensorInfo)> Stored(ExpectedTensor tensor, ElementType precision)
    {
        var converted = tensor.Shape.Length >= 2 && tensor.Name.EndsWith(".weight", StringComparison.Ordinal) && !tensor.Name.Contains("relative_attention_bias", StringComparison.Ordinal);
        yield return Info(tensor.Name, converted ? precision : ElementType.F32, tensor.Shape);
        if (converted && precision == ElementType.I8) yield return Info(tensor.Name + "_scale", ElementType.F32, [tensor.Shape[0]]);
    }

    private static (string, TensorInfo) Info(string name, ElementType type, long[] shape) =>
        (name, new TensorInfo(name, type, shape, 0, shape.Aggregate(1L, (a, b) => a * b) * type.Bits() / 8, "none"));
}
