using System.Text;

namespace OnDeviceSora.Cli.Tests;

/// <summary>Standard streams that are closed or lead to a full disk.</summary>
public sealed class ConsoleStreamTests
{
    private const string Full = "no space left";

    [Theory]
    [InlineData("models")]
    [InlineData("models", "--json")]
    [InlineData("pull", "nothing", "--json")]
    [InlineData("--help")]
    public async Task Output_that_cannot_be_printed_gives_one_line_and_code_4(params string[] arguments)
    {
        using var error = new StringWriter();
        using FullDisk disk = new();
        using var output = new ConsoleStream(disk, "standard output");
        Assert.InRange(await SoraCommandLine.RunAsync(arguments, Host(output, error), CancellationToken.None), 2, 4);
        Assert.StartsWith("sora: ", error.ToString(), StringComparison.Ordinal);
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
        if (arguments[0] != "pull")
            Assert.Equal($"sora: standard output: it cannot be written to: {Full}", error.ToString().Trim());
    }

    [Fact]
    public async Task Errors_that_cannot_be_printed_still_have_their_exit_code()
    {
        using var output = new StringWriter();
        using FullDisk disk = new();
        using var error = new ConsoleStream(disk, null);
        Assert.Equal(3, await SoraCommandLine.RunAsync(["verify", "/nowhere/at/all"], Host(output, error), CancellationToken.None));
        Assert.Equal(2, await SoraCommandLine.RunAsync(["frobnicate"], Host(output, error), CancellationToken.None));
    }

    private static CommandHost Host(TextWriter output, TextWriter error) => new(output, error, false, (_, _) => new FakeGenerator());

    private sealed class FullDisk : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new IOException(Full);
    }
}
