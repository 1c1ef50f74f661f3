using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace OnDeviceSora.Hub;

/// <summary>Fetches ranges of a file into their places, going on where a broken connection stopped.</summary>
internal sealed class PartDownload(
    HubClient client, DownloadLocation location, HubFile file, SafeFileHandle target, PartJournal journal, Func<Retries> retries, Action<long> arrived)
{
    private const int BufferBytes = 128 * 1024;
    // A part is noted in this many steps: a killed process loses one step of each connection; a step costs a flush to the disk.
    private const int NotesPerPart = 4;
    // Fewer bytes than these before a failure are no progress: a server that drops at once must not be asked for ever.
    private const long Progress = 64 * 1024;

    /// <summary>Fetches one range.</summary>
    /// <exception cref="RangesIgnoredException">The server sends whole files only.</exception>
    /// <exception cref="RangeRefusedException">The server's file is shorter.</exception>
    /// <exception cref="DownloadException">It failed too often, or the server's file has another size.</exception>
    public Task RunAsync(ByteRange part, CancellationToken cancellation)
    {
        var position = part.Start;
        var step = Math.Max(part.Length / NotesPerPart, BufferBytes);
        var attempts = retries();
        return attempts.RunAsync(async () =>
        {
            var start = position;
            try
            {
                using var body = await OpenAsync(part with { Start = start }, cancellation).ConfigureAwait(false);
                var noted = start;
                try
                {
                    await ReadAsync(body, part with { Start = start }, to =>
                    {
                        position = to;
                        if (position - noted >= step) noted = Note(noted, position);
                    }, cancellation).ConfigureAwait(false);
                }
                finally
                {
                    Note(noted, position);
                }

                return true;
            }
            catch (TransferInterruptedException)
            {
                location.Forget();
                if (position - start >= Progress) attempts.Progressed();
                throw;
            }
        }, cancellation);
    }

    /// <summary>Fetches the whole file in one stream, from a server that ignores ranges; every attempt begins at the first byte.</summary>
    public Task RunWholeAsync(CancellationToken cancellation) => retries().RunAsync(async () =>
    {
        var whole = new ByteRange(0, file.Size);
        var position = 0L;
        try
        {
            using var body = await client.OpenAsync(location.Next.Address, null, null, cancellation).ConfigureAwait(false);
            RequireSize(body.Length ?? file.Size);
            await ReadAsync(body, whole, to => position = to, cancellation).ConfigureAwait(false);
            Note(0, position);
            return true;
        }
        catch (TransferInterruptedException)
        {
            location.Forget();
            arrived(-position);
            throw;
        }
    }, cancellation);

    private async Task<HubBody> OpenAsync(ByteRange range, CancellationToken cancellation)
    {
        var isWhole = range.Start == 0 && range.End == file.Size;
        var (address, tag) = location.Next;
        var body = await AskAsync(address, isWhole ? null : range, tag, cancellation).ConfigureAwait(false);
        try
        {
            location.Remember(body);
            if (body.Range is not var (start, size))
            {
                if (!isWhole) throw new RangesIgnoredException();
                RequireSize(body.Length ?? file.Size);
                return body;
            }

            RequireSize(size ?? file.Size);
            if (start != range.Start)
                throw new TransferInterruptedException($"{body.Address.Host} sent the bytes from {start} instead of those from {range.Start}");
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private async Task<HubBody> AskAsync(Uri address, ByteRange? range, string? tag, CancellationToken cancellation)
    {
        try
        {
            return await client.OpenAsync(address, range, tag, cancellation).ConfigureAwait(false);
        }
        catch (RangeRefusedException e) when (e.ServerSize == file.Size)
        {
            // It refuses bytes that it says it has: a fault of the moment.
            throw new TransferInterruptedException($"{address.Host} answers 416 for bytes that it has", null, e);
        }
    }

    /// <summary>Reads a range's bytes into their place; says how far it is after each write.</summary>
    private async Task ReadAsync(HubBody body, ByteRange range, Action<long> reached, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var position = range.Start;
            while (position < range.End)
            {
                var room = (int)Math.Min(buffer.Length, range.End - position);
                var read = await body.ReadAsync(buffer.AsMemory(0, room), cancellation).ConfigureAwait(false);
                if (read == 0) throw new TransferInterruptedException($"{body.Address.Host} ended the answer {range.End - position} bytes early");
                await WriteAsync(buffer.AsMemory(0, read), position, cancellation).ConfigureAwait(false);
                position += read;
                reached(position);
                arrived(read);
            }

            if (range.End == file.Size && await body.ReadAsync(buffer.AsMemory(0, 1), cancellation).ConfigureAwait(false) > 0)
                throw new DownloadException(HubTransport.Shown(body.Address), $"the server sends more than the {file.Size} bytes that the hub's listing says; it is not accepted");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, long position, CancellationToken cancellation)
    {
        try
        {
            await RandomAccess.WriteAsync(target, bytes, position, cancellation).ConfigureAwait(false);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // How .NET reports EFBIG.
            throw new IOException($"the file system here takes no file of {file.Size} bytes; name a folder on another disk with HF_HOME", e);
        }
    }

    private long Note(long from, long to)
    {
        if (to > from)
        {
            RandomAccess.FlushToDisk(target);
            journal.Note(new ByteRange(from, to));
        }

        return to;
    }

    private void RequireSize(long size)
    {
        if (size != file.Size)
            throw new DownloadException(file.Path, $"the server's file has {size} bytes, the hub's listing says {file.Size}; it is not accepted");
    }
}
