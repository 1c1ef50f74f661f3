namespace OnDeviceSora.Tests.Goldens;

/// <summary>A golden that cannot be run, or differs, must fail: the runner is tested on folders of its own.</summary>
public sealed class GoldenRunnerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("goldens-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Discovers_every_json_below_the_folder_by_kind()
    {
        Write("b.json", """{"kind": "rng.torch_cpu", "samples": []}""");
        Write("deep/er/a.json", """{"kind": "something.else"}""");
        Write("deep/broken.json", "{");
        Write("deep/list.json", "[]");
        Write("deep/tiny.weights.safetensors", "");

        Assert.Equal(
            [("b.json", "rng.torch_cpu"), ("deep/broken.json", "(not JSON)"), ("deep/er/a.json", "something.else"), ("deep/list.json", "(no kind)")],
            GoldenFolder.Discover(_folder));
    }

    [Theory]
    [InlineData("""{"kind": "something.else"}""", "kind 'something.else' is unknown")]
    [InlineData("""{"name": "nothing"}""", "key")]
    [InlineData("{", "depth")]
    [InlineData("""{"kind": "rflow.add_noise", "data": "absent.safetensors"}""", "does not exist")]
    [InlineData("""{"kind": "rflow.add_noise"}""", "no tensor in.timesteps")]
    [InlineData("""{"kind": "metrics.ssim_psnr", "data": "absent.safetensors"}""", "does not exist")]
    [InlineData("""{"kind": "rng.torch_cpu", "samples": [{"seed": 0, "numel": 1, "first": [1.25], "last": [1.25]}]}""", "should be 1.25")]
    public void A_case_that_cannot_be_run_or_differs_fails(string json, string message)
    {
        Write("case.json", json);
        var error = Assert.Throws<GoldenMismatchException>(() => GoldenRunner.Run(_folder, "case.json"));
        Assert.Contains("case.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_of_a_later_issue_is_listed_as_such()
    {
        Write("case.json", """{"kind": "conditioning.read_image"}""");
        Assert.StartsWith("later issue: conditioning.read_image", GoldenRunner.Run(_folder, "case.json"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_that_agrees_passes()
    {
        Write("case.json", """{"kind": "rng.torch_cpu", "samples": [{"seed": 0, "numel": 1, "first": [1.5409960746765137], "last": [1.5409960746765137]}]}""");
        Assert.Equal("passed", GoldenRunner.Run(_folder, "case.json"));
    }

    [Theory]
    [InlineData(new[] { 1f, 2f }, new[] { 1f }, "has 2 elements; there are 1")]
    [InlineData(new[] { 1f, 2f, 4f }, new[] { 1f, 2.05f, 4.9f }, "x[2] should be 4 and is 4.9 (1 of 3")]
    [InlineData(new[] { 1f }, new[] { float.NaN }, "x[0] should be 1 and is NaN")]
    [InlineData(new[] { float.NaN }, new[] { 1f }, "x[0] should be NaN and is 1")]
    public void Numbers_beyond_the_tolerance_are_named(float[] expected, float[] actual, string message)
    {
        var error = Assert.Throws<GoldenMismatchException>(() => new Tolerance(0.1, 0.01).Compare("x", expected, actual));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
