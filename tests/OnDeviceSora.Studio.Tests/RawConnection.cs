using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OnDeviceSora.Studio.Tests;

/// <summary>A connection whose bytes a test chooses itself. Everything ends within a minute.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));
    private readonly byte[] _buffer = new byte[32 << 10];
    private int _from, _to;

    /// <summary>Whether the server closed it after its last answer.</summary>
    public bool IsClosed { get; private set; }

    public static async Task<RawConnection> OpenAsync(Studio studio)
    {
        var address = new Uri(studio.Address);
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, address.Port, connection._limit.Token);
        return connection;
    }

    /// <summary>Sends one call on a connection of its own.</summary>
    public static async Task<Answer?> AskAsync(Studio studio, string request) => await AskAsync(studio, Encoding.Latin1.GetBytes(request));

    /// <summary>Sends one call on a connection of its own.</summary>
    public static async Task<Answer?> AskAsync(Studio studio, byte[] request)
    {
        using var connection = await OpenAsync(studio);
        await connection.SendAsync(request);
        return await connection.ReadAsync();
    }

    public Task<bool> SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <returns>Whether the server still took it.</returns>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0) bytes = bytes[await _socket.SendAsync(bytes, _limit.Token)..];
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public void Finish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server was first.
        }
    }

    /// <summary>The next answer; <c>null</c> when the server closed the connection without one. A stream of events is not read.</summary>
    public async Task<Answer?> ReadAsync(bool toHead = false)
    {
        while (await ReadLineAsync() is { } line)
        {
            Assert.StartsWith("HTTP/1.1 ", line, StringComparison.Ordinal);
            var status = int.Parse(line.AsSpan("HTTP/1.1 ".Length, 3), NumberStyles.None, CultureInfo.InvariantCulture);
            using var message = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent([]) };
            while (await ReadLineAsync() is { Length: > 0 } header)
            {
                var colon = header.IndexOf(':', StringComparison.Ordinal);
                var (name, value) = (header[..colon], header[(colon + 1)..].Trim());
                if (!message.Headers.TryAddWithoutValidation(name, value)) message.Content.Headers.TryAddWithoutValidation(name, value);
            }
            if (status is >= 100 and < 200) continue;
            var body = await ReadBodyAsync(message, toHead || status is 204 or 304);
            IsClosed |= message.Headers.ConnectionClose == true;
            return new Answer(message.StatusCode, body, message.Headers, message.Content.Headers);
        }
        return null;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _limit.Dispose();
    }

    private async Task<byte[]> ReadBodyAsync(HttpResponseMessage message, bool hasNone)
    {
        if (hasNone) return [];
        if (message.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            IsClosed = true;
            return [];
        }
        using var body = new MemoryStream();
        if (message.Headers.TransferEncodingChunked == true)
        {
            while (await ReadLineAsync() is { } size && int.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var length)
            {
                await ReadAsync(body, length);
                await ReadLineAsync();
                if (length == 0) break;
            }
        }
        else
        {
            await ReadAsync(body, message.Content.Headers.ContentLength ?? long.MaxValue);
        }
        return body.ToArray();
    }

    private async Task ReadAsync(MemoryStream body, long length)
    {
        for (int count; length > 0 && await FillAsync(); length -= count)
        {
            count = (int)Math.Min(length, _to - _from);
            body.Write(_buffer, _from, count);
            _from += count;
        }
    }

    private async Task<string?> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (await FillAsync())
        {
            var c = (char)_buffer[_from++];
            if (c == '\n') return line.ToString().TrimEnd('\r');
            line.Append(c);
        }
        return null;
    }

    private async Task<bool> FillAsync()
    {
        if (_from < _to) return true;
        try
        {
            (_from, _to) = (0, await _socket.ReceiveAsync(_buffer, _limit.Token));
        }
        catch (SocketException)
        {
            _to = 0;
        }
        IsClosed |= _to == 0;
        return _to > 0;
    }
}
