using System.Text.Json;

namespace OnDeviceSora.Studio.Tests;

/// <summary>The official npm clients, as they come, against a real server. What they do is in <c>tests/openai-npm/contract.mjs</c>.</summary>
public sealed class OpenAINpmTests
{
    private static readonly string Folder = Path.Combine(EmbeddedModel.Checkout, "tests", "openai-npm");

    [NeedsNodeFact]
    public async Task The_official_npm_clients_work_with_nothing_but_another_base_address()
    {
        await InstallAsync();
        await using var studio = await Studio.StartAsync(options => options with { ApiKey = "the key", QueueLimit = 4 });
        var run = await Programs.RunAsync("node", ["contract.mjs"], Folder, ("SORA_BASE_URL", studio.Address + "/v1"), ("SORA_API_KEY", "the key"));
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        var checks = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.All(checks, check => Assert.True(check.GetProperty("ok").GetBoolean()));
        Assert.Equal(2, checks.Select(check => check.Text("client")).Distinct().Count());
        Assert.Equal(26, checks.Count);
    }

    private static async Task InstallAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "openai")) && Directory.Exists(Path.Combine(Folder, "node_modules", "openai-7"))) return;
        var install = await Programs.RunAsync("npm", ["ci", "--no-audit", "--no-fund"], Folder);
        Assert.True(install.ExitCode == 0, install.Output + install.Error);
    }
}
