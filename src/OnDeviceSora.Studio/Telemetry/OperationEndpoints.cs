using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Telemetry;

/// <summary>What watches the server: is it alive, does it take work, what has it done.</summary>
internal static class OperationEndpoints
{
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder server)
    {
        server.MapMethods("/health", GetAndHead, () => new HealthState("ok")).WithSummary("It runs");
        server.MapMethods("/ready", GetAndHead, (JobQueue queue) => queue.IsTakingWork ? new HealthState("ready") : throw new ApiException(503, "the server is starting or stopping", code: "not_ready")).WithSummary("It takes work");
        server.MapGet("/metrics", (MetricsText metrics) => Results.Text(metrics.Write(), "text/plain; version=0.0.4")).WithSummary("Numbers for Prometheus");
    }
}

/// <summary>How the server is.</summary>
internal sealed record HealthState(string Status);
