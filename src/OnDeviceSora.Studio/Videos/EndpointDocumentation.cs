using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OnDeviceSora.Studio.Errors;

namespace OnDeviceSora.Studio.Videos;

/// <summary>What the OpenAPI document says of calls whose bodies are read by hand.</summary>
internal static class EndpointDocumentation
{
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint)
        where T : notnull => endpoint.Accepts<T>("application/json", "multipart/form-data");

    public static RouteHandlerBuilder TakesCreate(this RouteHandlerBuilder endpoint) => endpoint.Takes<CreateFields>();

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses) endpoint.Produces<ErrorEnvelope>(status);
        return endpoint;
    }
}

/// <summary>The body of a call that creates or plans a video. Only <c>prompt</c> is required.</summary>
internal sealed record CreateFields(
    string Prompt, string? Model, string? Seconds, string? Size, long? Seed, int? NumFrames, int? Fps, int? NumInferenceSteps, float? GuidanceScale,
    int? Width, int? Height, string? Leap, int? MergeSteps, string? Memory);

/// <summary>The body of a remix.</summary>
internal sealed record RemixFields(string Prompt);

/// <summary>The body of a move: 0 is next.</summary>
internal sealed record MoveFields(int Position);
