using Xunit.Abstractions;

namespace OnDeviceSora.Tests.Goldens;

/// <summary>Every golden of the folder; the kind tells what runs.</summary>
[Trait("Category", "Goldens")]
public sealed class GoldenTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var (file, kind) in GoldenFolder.Discover(GoldenFolder.Default))
        {
            cases.Add(file, GoldenKinds.LaterIssues.ContainsKey(kind) ? $"{kind}, later issue" : kind);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Golden(string file, string kind) => output.WriteLine($"{file} ({kind}): {GoldenRunner.Run(GoldenFolder.Default, file)}");
}
