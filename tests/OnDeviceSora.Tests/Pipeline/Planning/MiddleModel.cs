using System.Text;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tests.Checkpoints;

namespace OnDeviceSora.Tests.Pipeline.Planning;

/// <summary>A model of middle size, all zeros: large enough that activations outweigh everything else.</summary>
public sealed class MiddleModel : IDisposable
{
    public const string Json = """
        {
          "text_encoder": { "d_model": 256, "d_kv": 32, "num_heads": 8, "d_ff": 640, "num_layers": 2, "vocab_size": 200, "feed_forward_proj": "gated-gelu" },
          "transformer": { "hidden_size": 288, "num_heads": 4, "depth": 2, "caption_channels": 256, "model_max_length": 100 },
          "vae": {
            "block_out_channels": [64, 128, 256, 256], "layers_per_block": 2, "latent_channels": 4,
            "temporal": { "filters": 64, "num_res_blocks": 2, "channel_multipliers": [1, 2, 2, 4], "temporal_downsample": [false, true, true] }
          },
          "sampling": { "height": 256, "width": 256, "num_frames": 17, "fps": 24, "num_sampling_steps": 30, "guidance_scale": 7.0 }
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public MiddleModel()
    {
        var config = ModelConfig.Parse("config.json", Encoding.UTF8.GetBytes(Json));
        _folder.Write("config.json", Json);
        _folder.Write("spiece.model", "not looked into here");
        SmallModel.Write(_folder.File("text_encoder.safetensors"), TensorNames.T5(config.TextEncoder));
        SmallModel.Write(_folder.File("transformer.safetensors"), TensorNames.STDiT3(config.Transformer));
        SmallModel.Write(_folder.File("vae.safetensors"), TensorNames.Vae(config.Vae));
    }

    public string Folder => _folder.Path;

    /// <summary>The same as a package whose text encoder and transformer are of 8-bit integers.</summary>
    public string ByteFolder
    {
        get
        {
            var folder = _folder.File("bytes");
            if (!Directory.Exists(folder)) DevicePackage.Convert(Folder, folder, new PackagePrecision(Transformer: WeightPrecision.Int8));
            return folder;
        }
    }

    public void Dispose() => _folder.Dispose();
}
