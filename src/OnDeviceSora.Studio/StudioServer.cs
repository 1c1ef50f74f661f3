using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Jobs;
using OnDeviceSora.Studio.Models;
using OnDeviceSora.Studio.Security;
using OnDeviceSora.Studio.Telemetry;
using OnDeviceSora.Studio.Videos;

namespace OnDeviceSora.Studio;

/// <summary>The studio: the Videos API and the page, over one model and one data folder.</summary>
public sealed class StudioServer : IAsyncDisposable
{
    private static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(10), StopWithin = TimeSpan.FromSeconds(60);
    private const int MostConnections = 2000;

    private readonly WebApplication _app;
    private readonly DataFolder _data;

    private StudioServer(WebApplication app, DataFolder data) => (_app, _data) = (app, data);

    /// <summary>Where it listens: <c>http://host:port</c>.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Opens the model and the data folder, and begins to listen and to work.</summary>
    /// <param name="options">How to run.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="InvalidRequestException">An option cannot work, or the port is taken.</exception>
    /// <exception cref="OutputException">The data folder cannot be used, or another server uses it.</exception>
    /// <exception cref="SoraException">The model cannot be used.</exception>
    public static async Task<StudioServer> StartAsync(StudioOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        // A thread of the pool computes; the others must answer meanwhile.
        ThreadPool.GetMinThreads(out var workers, out var io);
        ThreadPool.SetMinThreads(Math.Max(workers, 16), io);
        var data = DataFolder.Open(options.DataFolder);
        try
        {
            var app = Build(options, data);
            var server = new StudioServer(app, data);
            // Now, while nothing else runs: the first plan measures how fast the machine is.
            await Task.Run(() => app.Services.GetRequiredService<StudioModel>().Warm(), cancellation).ConfigureAwait(false);
            await server.ListenAsync(options, cancellation).ConfigureAwait(false);
            return server;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Runs until the token is cancelled, then saves the state of the running video and ends.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            StudioLog.Stopping(Log);
        }

        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _data.Dispose();
    }

    private ILogger Log => _app.Services.GetRequiredService<ILogger<StudioServer>>();

    private async Task ListenAsync(StudioOptions options, CancellationToken cancellation)
    {
        try
        {
            await _app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException { InnerException: { } } or SocketException)
        {
            await _app.DisposeAsync().ConfigureAwait(false);
            throw new InvalidRequestException(nameof(StudioOptions.Port), $"cannot listen at {options.Address}, port {options.Port}: {(e.InnerException ?? e).Message}; choose another port with --port (0 takes a free one)");
        }

        StudioLog.Listening(Log, Address, _app.Services.GetRequiredService<JobStore>().Snapshot.Waiting.Count, options.DataFolder);
    }

    private static WebApplication Build(StudioOptions options, DataFolder data)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, options));
        AddLogging(builder, options);
        AddServices(builder.Services, options, data);
        var app = builder.Build();
        Map(app);
        Observe(app.Services);
        return app;
    }

    private static void Limit(KestrelServerOptions kestrel, StudioOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = RequestBody.LargestBody;
        kestrel.Limits.RequestHeadersTimeout = HeadersWithin;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Listen(options.Address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static void AddLogging(WebApplicationBuilder builder, StudioOptions options)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        if (options.JsonLog) builder.Logging.AddJsonConsole(console => console.UseUtcTimestamp = true);
        else builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
        // Standard output has the address alone.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void AddServices(IServiceCollection services, StudioOptions options, DataFolder data)
    {
        services.AddSingleton(options).AddSingleton(data).AddSingleton(TimeProvider.System);
        services.AddSingleton(new ServerStart(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
        services.AddSingleton(provider => new PreviewFile(Path.Combine(data.Path, $"preview-{provider.GetRequiredService<StudioModel>().Hash}.json")));
        services.AddSingleton<StudioModel>().AddSingleton<VideoIds>().AddSingleton<JobStore>().AddSingleton<JobFeed>().AddSingleton<JobRunner>().AddSingleton<JobControl>();
        services.AddSingleton<VideoOrders>().AddSingleton<VideoCreation>().AddSingleton<VideoObjects>().AddSingleton<EventMessages>();
        services.AddSingleton<ApiKey>().AddSingleton<Sessions>().AddSingleton<StudioMetrics>().AddSingleton<MetricsText>();
        services.AddSingleton<JobQueue>().AddHostedService(provider => provider.GetRequiredService<JobQueue>());
        services.AddHostedService<JobExpiry>();
        services.AddOpenApi(document => document.AddDocumentTransformer((made, _, _) =>
        {
            (made.Info.Title, made.Info.Version, made.Servers) = ("On-device Sora: the Videos API on this machine", typeof(StudioServer).Assembly.GetName().Version!.ToString(3), []);
            return Task.CompletedTask;
        }));
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. options.AllowedOrigins]).AllowAnyHeader().AllowAnyMethod()));
        services.ConfigureHttpJsonOptions(json => StudioJson.Configured(json.SerializerOptions));
        services.Configure<HostOptions>(host => host.ShutdownTimeout = StopWithin);
    }

    private static void Map(WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<ErrorResponses>();
        app.UseMiddleware<CallerChecks>();
        app.UseCors();
        app.UseMiddleware<KeyCheck>();
        app.UseRouting();
        var api = app.MapGroup("/v1");
        VideoEndpoints.Map(api);
        ContentEndpoints.Map(api);
        ControlEndpoints.Map(api);
        EventEndpoints.Map(api);
        PlanEndpoints.Map(api);
        ReportEndpoints.Map(api);
        CompareEndpoints.Map(api);
        ModelEndpoints.Map(api);
        SessionEndpoints.Map(app);
        OperationEndpoints.Map(app);
        PageFiles.Map(app);
        // By its whole name: a document of another name is refused like everything else that is not there.
        app.MapOpenApi("/openapi/v1.json");
    }

    private static void Observe(IServiceProvider services)
    {
        var (metrics, store, feed) = (services.GetRequiredService<StudioMetrics>(), services.GetRequiredService<JobStore>(), services.GetRequiredService<JobFeed>());
        // The listener must be there before anything is counted.
        services.GetRequiredService<MetricsText>();
        metrics.Observe("sora.videos.waiting", "Videos that wait.", () => store.Snapshot.Waiting.Count);
        metrics.Observe("sora.videos.kept", "Videos that are there.", () => store.Snapshot.Jobs.Count);
        metrics.Observe("sora.listeners", "Event streams that are open.", () => feed.Listeners);
    }
}
