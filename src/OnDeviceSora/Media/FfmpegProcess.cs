using System.ComponentModel;
using System.Diagnostics;

namespace OnDeviceSora.Media;

/// <summary>One run of ffmpeg: fed through its standard input, watched, and never left behind.</summary>
internal sealed class FfmpegProcess : IDisposable
{
    private const int TailCharacters = 1500;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(5);

    private readonly string _output;
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Task _report;
    private long _lastProgress = Stopwatch.GetTimestamp();

    private FfmpegProcess(string output, Process process)
    {
        _output = output;
        _process = process;
        _errors = Task.Run(ReadErrorsAsync);
        _report = Task.Run(ReadReportAsync);
    }

    /// <summary>Starts the program.</summary>
    /// <param name="program">Path of ffmpeg.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="output">The file that errors name.</param>
    /// <exception cref="OutputException">It cannot be started.</exception>
    public static FfmpegProcess Start(string program, IEnumerable<string> arguments, string output)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        try
        {
            return new FfmpegProcess(output, Process.Start(start)!);
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            throw new OutputException(output, $"ffmpeg ({program}) cannot be started: {error.Message}", error);
        }
    }

    /// <summary>Feeds ffmpeg and waits for its end.</summary>
    /// <param name="chunks">What to write to its standard input, a frame at a time.</param>
    /// <param name="idleLimit">How long it may neither take nor encode anything.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <returns>What it complained about, as the end of a sentence.</returns>
    /// <exception cref="OutputException">It failed, or hung and was killed.</exception>
    public async Task<string> RunAsync(IEnumerable<ReadOnlyMemory<byte>> chunks, TimeSpan idleLimit, CancellationToken cancellation)
    {
        // The write to a full pipe cannot be cancelled; killing the reader ends it.
        var work = Task.Run(() => FeedAndWaitAsync(chunks), CancellationToken.None);
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(Poll, CancellationToken.None)).ConfigureAwait(false);
            bool hangs = Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastProgress)) > idleLimit;
            if (work.IsCompleted || !(hangs || cancellation.IsCancellationRequested))
                continue;
            await KillAsync(work).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            throw new OutputException(_output, FormattableString.Invariant(
                $"ffmpeg made no progress for {idleLimit.TotalSeconds:0.#} s and was stopped; try again, or write a .png instead"));
        }

        bool tookEverything = await work.ConfigureAwait(false);
        int exitCode = _process.ExitCode;
        if (exitCode == 0 && tookEverything)
            return await TailAsync().ConfigureAwait(false);
        // Ctrl-C reaches ffmpeg too, perhaps before it reaches this process: then this is a cancellation, not a failure.
        await Task.Delay(exitCode >= 128 ? 300 : 0, cancellation).ConfigureAwait(false);
        string tail = await TailAsync().ConfigureAwait(false);
        throw new OutputException(_output, exitCode == 0
            ? $"ffmpeg ended before it had taken all frames{tail}"
            : $"ffmpeg failed with exit code {exitCode}{tail}");
    }

    /// <summary>Kills what still runs.</summary>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private async Task<bool> FeedAndWaitAsync(IEnumerable<ReadOnlyMemory<byte>> chunks)
    {
        bool tookEverything = true;
        try
        {
            var input = _process.StandardInput.BaseStream;
            foreach (var chunk in chunks)
            {
                await input.WriteAsync(chunk).ConfigureAwait(false);
                NoteProgress();
            }

            await input.FlushAsync().ConfigureAwait(false);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            tookEverything = false; // it closed its input: its exit code and its words say why
        }

        await _process.WaitForExitAsync().ConfigureAwait(false);
        return tookEverything;
    }

    private async Task KillAsync(Task work)
    {
        Kill();
        await Task.WhenAny(work, Task.Delay(AfterKill)).ConfigureAwait(false);
    }

    private void Kill()
    {
        try
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself meanwhile.
        }
    }

    private void NoteProgress() => Interlocked.Exchange(ref _lastProgress, Stopwatch.GetTimestamp());

    // The lines of "-progress pipe:1"; only a growing "frame=" counts as progress, mere chatter does not.
    private async Task ReadReportAsync()
    {
        var line = new char[64];
        int length = 0;
        long frames = 0;
        await foreach (char c in CharactersAsync(_process.StandardOutput).ConfigureAwait(false))
        {
            if (c != '\n')
            {
                if (length < line.Length)
                    line[length++] = c;
                continue;
            }

            var text = line.AsSpan(0, length).Trim();
            length = 0;
            if (text.StartsWith("frame=") && long.TryParse(text[6..], out long now) && now > frames)
            {
                frames = now;
                NoteProgress();
            }
        }
    }

    private async Task<string> ReadErrorsAsync()
    {
        var tail = new Queue<char>(TailCharacters);
        await foreach (char c in CharactersAsync(_process.StandardError).ConfigureAwait(false))
        {
            if (tail.Count == TailCharacters)
                tail.Dequeue();
            tail.Enqueue(c);
        }

        return new string([.. tail]);
    }

    private static async IAsyncEnumerable<char> CharactersAsync(StreamReader reader)
    {
        var buffer = new char[1024];
        int count;
        while ((count = await ReadAsync(reader, buffer).ConfigureAwait(false)) > 0)
        {
            for (int i = 0; i < count; i++)
                yield return buffer[i];
        }
    }

    private static async Task<int> ReadAsync(StreamReader reader, char[] buffer)
    {
        try
        {
            return await reader.ReadAsync(buffer).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return 0; // the process is gone
        }
    }

    private async Task<string> TailAsync()
    {
        // A grandchild may still hold the pipe open; do not wait for it.
        await Task.WhenAny(Task.WhenAll(_errors, _report), Task.Delay(AfterKill)).ConfigureAwait(false);
        string text = _errors.IsCompletedSuccessfully ? _errors.Result : "";
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? " and said nothing" : $". It said: {string.Join(" | ", lines.TakeLast(4))}";
    }
}
