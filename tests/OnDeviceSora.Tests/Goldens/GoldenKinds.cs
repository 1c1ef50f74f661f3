using OnDeviceSora.Tests.Goldens.Kinds;
using OnDeviceSora.Tests.Text;

namespace OnDeviceSora.Tests.Goldens;

/// <summary>What is done for each kind of golden.</summary>
internal static class GoldenKinds
{
    /// <summary>Kinds that are run.</summary>
    public static IReadOnlyDictionary<string, Action<GoldenCase>> Runners { get; } = new Dictionary<string, Action<GoldenCase>>
    {
        ["text.clean_caption"] = golden => TextGoldens.CleanCaption(golden.Root, golden.Folder),
        ["prompt.helpers"] = golden => TextGoldens.PromptHelpers(golden.Root, golden.Folder),
        ["sizes"] = golden => TextGoldens.Sizes(golden.Root, golden.Folder),
        ["t5.tokenize"] = golden => TextGoldens.Tokenize(golden.Root, golden.Folder),
        ["rng.torch_cpu"] = NoiseGoldens.Run,
        ["rflow.timesteps"] = ScheduleGoldens.Timesteps,
        ["rflow.add_noise"] = ScheduleGoldens.AddNoise,
        ["rflow.sample"] = SamplerGoldens.Run,
        ["stdit3.forward"] = STDiT3Goldens.Run,
        ["tdtm.frame_count_support"] = TokenMergingGoldens.Run,
        ["t5.encode"] = T5Goldens.Run,
        ["vae.latent_size"] = LatentSizeGoldens.Run,
        ["vae.spatial.decode"] = SpatialVaeGoldens.Decode,
        ["vae.spatial.encode"] = SpatialVaeGoldens.Encode,
        ["vae.temporal.decode"] = TemporalVaeGoldens.Decode,
        ["vae.temporal.encode"] = TemporalVaeGoldens.Encode,
        ["vae.pipeline.decode"] = VideoVaeGoldens.Decode,
        ["vae.pipeline.encode"] = VideoVaeGoldens.Encode,
        ["pipeline.text_to_video"] = TextToVideoGoldens.Run,
        ["metrics.ssim_psnr"] = MetricsGoldens.Similarity,
        ["metrics.temporal_flickering"] = MetricsGoldens.Flickering,
        ["metrics.motion_smoothness_tail"] = MetricsGoldens.Smoothness,
        ["metrics.feature_consistency"] = MetricsGoldens.Consistency,
        ["metrics.dynamic_degree_tail"] = MetricsGoldens.Dynamics,
        ["metrics.vbench_scaling"] = MetricsGoldens.Scaling,
    };

    /// <summary>Kinds whose subject is not built yet.</summary>
    public static IReadOnlyDictionary<string, string> LaterIssues { get; } = new Dictionary<string, string>
    {
        ["conditioning.apply_mask_strategy"] = "image and video conditioning",
        ["conditioning.read_image"] = "image and video conditioning",
        ["conditioning.read_video"] = "image and video conditioning",
        ["cidl.app_trace"] = "dynamic loading; documentation of the paper's app, not reproduced",
    };
}
