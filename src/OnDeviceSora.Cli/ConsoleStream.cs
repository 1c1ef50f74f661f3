using System.Text;

namespace OnDeviceSora.Cli;

/// <summary>One of the process's own streams, which can be closed or lead to a full disk.</summary>
/// <param name="stream">The stream.</param>
/// <param name="name">What to call it; <c>null</c> for the stream of errors, which has nowhere to report its own.</param>
internal sealed class ConsoleStream(TextWriter stream, string? name) : TextWriter
{
    public override Encoding Encoding => stream.Encoding;

    public override void Write(char value) => Try(() => stream.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => stream.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => stream.Write(value));

    // One call, so that lines of several threads do not mix.
    public override void WriteLine(string? value) => Try(() => stream.WriteLine(value));

    public override void Flush() => Try(stream.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (name is not null)
                throw new OutputException(name, $"it cannot be written to: {error.Message}", error);
        }
    }
}
