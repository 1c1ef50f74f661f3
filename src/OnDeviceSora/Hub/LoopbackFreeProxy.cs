using System.Net;

namespace OnDeviceSora.Hub;

/// <summary>The machine's proxy, except for addresses on this machine: a proxy elsewhere could not reach those.</summary>
internal sealed class LoopbackFreeProxy(IWebProxy proxy) : IWebProxy
{
    public ICredentials? Credentials
    {
        get => proxy.Credentials;
        set => proxy.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : proxy.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || proxy.IsBypassed(host);
}
