using System.Text.Json;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>Complete trajectories: every step's latents, velocity, frame mask and cosine, and where the leap ends them.</summary>
internal static class SamplerGoldens
{
    public static void Run(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        using var weights = golden.OpenWeights();
        using var model = STDiT3.Load(engine, weights, STDiT3Config.Parse(golden.Config, golden.FilePath));
        golden.Compare("in.y_null", model.Caption.Null.Span);

        using var y = golden.Load(engine, "in.y");
        using var latents = golden.Load(engine, "in.z");
        using var text = Captions.Embed(engine, model, y.Reshape(y.Shape[0], y.Shape[2], y.Shape[3]), golden["in.mask"].Flags());
        using var conditioned = new ConditionedSTDiT3(model, text, Geometry(golden.Parameters));
        var settings = Settings(golden.Parameters) with { FrameMask = Mask(golden) };
        var watched = new TrajectoryCheck(golden, conditioned, settings.Guidance.Scale);
        var result = new RectifiedFlowSampler(engine, watched).Run(latents, settings);

        golden.Compare("out.z", latents.Span);
        CompareSteps(golden, result);
    }

    /// <summary>Size and frame rate as the model is told them.</summary>
    public static VideoGeometry Geometry(JsonElement parameters) => new(
        parameters.GetProperty("height").GetInt32(), parameters.GetProperty("width").GetInt32(), parameters.GetProperty("fps").GetSingle());

    /// <summary>What a case's parameters say about the sampling.</summary>
    public static SamplingSettings Settings(JsonElement parameters) => new()
    {
        Schedule = ScheduleGoldens.ScheduleOf(parameters),
        Guidance = new ClassifierFreeGuidance(parameters.GetProperty("cfg_scale").GetSingle()),
        Leap = Leap(parameters),
        MergeSteps = parameters.GetProperty("tdtm_merge_steps").GetInt32(),
    };

    /// <summary>Compares the number of steps, the leap's step and the cosines.</summary>
    public static void CompareSteps(GoldenCase golden, SamplingResult result)
    {
        var parameters = golden.Parameters;
        Expect("executed_steps", parameters.GetProperty("executed_steps").GetInt32(), result.ExecutedSteps);
        if (parameters.TryGetProperty("leap_step", out var leap)) Expect("leap_step", leap.ValueKind == JsonValueKind.Null ? null : leap.GetInt32(), result.LeapStep);
        if (!golden.Has("mid.cosine")) return;
        // Similarities begin with the second step, the recorded cosines with step lpl_min_steps.
        var skipped = parameters.GetProperty("lpl_min_steps").GetInt32() - 1;
        golden.Compare("mid.cosine", result.Similarities.Skip(skipped).ToArray());
    }

    private static LeapSettings Leap(JsonElement parameters) => parameters.GetProperty("lpl_mode").GetString() switch
    {
        "none" => LeapSettings.Off,
        "fixed" => LeapSettings.At(parameters.GetProperty("lpl_target").GetInt32()),
        "dynamic" => new LeapSettings.Dynamic
        {
            MinimumSteps = parameters.GetProperty("lpl_min_steps").GetInt32(),
            Tolerance = parameters.GetProperty("lpl_tolerance").GetSingle(),
            Patience = parameters.GetProperty("lpl_max_misses").GetInt32(),
        },
        var mode => throw new GoldenMismatchException($"lpl_mode '{mode}' is unknown"),
    };

    private static FrameMask? Mask(GoldenCase golden)
    {
        if (!golden.Has("in.frame_mask")) return null;
        var noise = golden["in.step_noise"].Floats();
        var drawn = 0;
        return new FrameMask(golden["in.frame_mask"].Floats(), values =>
        {
            noise.AsSpan(drawn, values.Length).CopyTo(values);
            drawn += values.Length;
        });
    }

    private static void Expect(string name, int? expected, int? actual)
    {
        if (expected != actual) throw new GoldenMismatchException($"{name} should be {expected?.ToString() ?? "none"} and is {actual?.ToString() ?? "none"}");
    }
}
