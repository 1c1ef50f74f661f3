using System.Text.Json;
using OnDeviceSora.Diffusion;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>Timesteps of the rectified-flow schedule, and noising.</summary>
internal static class ScheduleGoldens
{
    public static void Timesteps(GoldenCase golden)
    {
        foreach (var key in (ReadOnlySpan<string>)["lists", "bf16_lists"])
        {
            if (!golden.Parameters.TryGetProperty(key, out var lists)) continue;
            foreach (var list in lists.EnumerateArray())
            {
                var timesteps = ScheduleOf(list).Steps.Select(step => step.Timestep).ToArray();
                golden.Compare(list.GetProperty("tensor").GetString()!, timesteps);
            }
        }
    }

    public static void AddNoise(GoldenCase golden)
    {
        var timesteps = golden["in.timesteps"].Floats();
        var clean = golden["in.x"].Floats();
        var noise = golden["in.noise"].Floats();
        var length = clean.Length / timesteps.Length;
        for (var item = 0; item < timesteps.Length; item++)
        {
            var part = clean.AsSpan(item * length, length);
            RectifiedFlowSchedule.AddNoise(part, noise.AsSpan(item * length, length), timesteps[item], part);
        }
        golden.Compare("out.x", clean);
    }

    /// <summary>The schedule that a list of arguments, or a sampling case's parameters, describe.</summary>
    public static RectifiedFlowSchedule ScheduleOf(JsonElement arguments)
    {
        int Number(string key) => arguments.GetProperty(key).GetInt32();
        TimestepTransform? transform = null;
        if (arguments.GetProperty("use_timestep_transform").GetBoolean())
        {
            var bfloat16 = arguments.TryGetProperty("args_dtype", out var type) && type.GetString() == "bf16";
            transform = bfloat16
                ? TimestepTransform.ForBfloat16(Number("height"), Number("width"), Number("num_frames"))
                : TimestepTransform.For(Number("height"), Number("width"), Number("num_frames"));
        }
        return new RectifiedFlowSchedule(Number("num_sampling_steps"), transform, arguments.GetProperty("use_discrete_timesteps").GetBoolean());
    }
}
