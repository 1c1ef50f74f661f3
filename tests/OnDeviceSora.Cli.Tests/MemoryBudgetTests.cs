using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OnDeviceSora.Bench.Synthesis;

namespace OnDeviceSora.Cli.Tests;

/// <summary>The real program on a made-up model of which a small budget holds a small part.</summary>
public sealed partial class MemoryBudgetTests : IDisposable
{
    private const int Frames = 5;
    private static readonly string[] Request = ["a red circle", "--frames", "5", "--size", "64x64", "--steps", "2", "--threads", "2", "--model", "model"];

    // 200 MB: a text encoder of 35 MB, 16 blocks of 10 MB, and a small autoencoder.
    private const string Config = """
        {
          "text_encoder": { "d_model": 768, "d_kv": 64, "num_heads": 12, "d_ff": 2048, "num_layers": 5, "vocab_size": 256 },
          "transformer": { "hidden_size": 576, "num_heads": 9, "depth": 8, "caption_channels": 768, "model_max_length": 64, "input_sq_size": 512 },
          "vae": {
            "block_out_channels": [32, 32, 32, 64], "layers_per_block": 1, "latent_channels": 4, "norm_num_groups": 32, "micro_frame_size": 17,
            "temporal": { "filters": 32, "num_res_blocks": 1, "channel_multipliers": [1, 1, 1, 2], "temporal_downsample": [false, true, true], "num_groups": 32 },
            "scaling_factor": 0.18215, "scale": [1, 1, 1, 1], "shift": [0, 0, 0, 0]
          },
          "sampling": { "height": 64, "width": 64, "num_frames": 5, "fps": 12, "num_sampling_steps": 2, "use_timestep_transform": true, "guidance_scale": 2.0, "aesthetic_score": null }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("sora-budget-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ProgramFact]
    public async Task The_process_stays_within_every_budget_and_makes_the_same_frames()
    {
        var config = Path.Combine(_folder, "config.json");
        File.WriteAllText(config, Config);
        Assert.Equal(0, await SynthesizeCommand.Build().Parse(["--config", config, "--package", Path.Combine(_folder, "model")]).InvokeAsync());

        var smallest = await SmallestBudgetAsync();
        var peaks = new List<long>();
        foreach (var megabytes in (int[])[smallest, smallest + 70, 4 * smallest])
        {
            var (code, output, error) = await SoraProcess.RunAsync(_folder, null,
                ["generate", .. Request, "--memory", $"{megabytes}MB", "--no-text-cache", "--json", "-o", $"{megabytes}/"]);
            Assert.True(code == 0, error);
            peaks.Add(PeakOf(output));
            Assert.InRange(peaks[^1], 1, megabytes * 1_000_000L);
            for (var i = 1; i <= Frames; i++) Assert.Equal(Picture(smallest, i), Picture(megabytes, i));
        }
        // What there is is made use of.
        Assert.True(peaks[0] < peaks[1] && peaks[1] < peaks[2], string.Join(", ", peaks));
    }

    /// <summary>What the refusal of a budget that is too small asks for, in MB.</summary>
    private async Task<int> SmallestBudgetAsync()
    {
        var (code, _, error) = await SoraProcess.RunAsync(_folder, null, ["plan", .. Request, "--memory", "1MB"]);
        Assert.Equal(2, code);
        return int.Parse(SmallestBudget().Match(error).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static long PeakOf(string output)
    {
        using var result = JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        return result.RootElement.GetProperty("peakResidentBytes").GetInt64();
    }

    private byte[] Picture(int budget, int number) =>
        File.ReadAllBytes(Path.Combine(_folder, budget.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"frame-{number:00000}.png")));

    [GeneratedRegex("at least ([0-9]+) MB")]
    private static partial Regex SmallestBudget();
}
