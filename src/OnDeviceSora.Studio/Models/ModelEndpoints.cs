using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Videos;

namespace OnDeviceSora.Studio.Models;

/// <summary>What models there are, and what the installed one can do.</summary>
internal static class ModelEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/models", (StudioModel model, ServerStart start) => new ModelList([new ModelObject(model.Id, start.UnixSeconds)])).WithSummary("The installed model");
        api.MapGet("/models/{id}", (string id, StudioModel model, ServerStart start) => model.Answers(id) ? new ModelObject(model.Id, start.UnixSeconds) : throw ApiException.NotFound($"there is no such model here; there is {model.Id}", "id")).WithSummary("A model, by its name or an alias").Refuses(404);
        api.MapGet("/capabilities", Capabilities.Of).WithSummary("Sizes, lengths, ranges, defaults and presets");
    }
}

/// <summary>When the server was started.</summary>
/// <param name="UnixSeconds">In Unix seconds.</param>
internal sealed record ServerStart(long UnixSeconds);

/// <summary>A list of models.</summary>
internal sealed record ModelList(IReadOnlyList<ModelObject> Data)
{
    public string Object { get; } = "list";
}

/// <summary>A model.</summary>
internal sealed record ModelObject(string Id, long Created)
{
    public string Object { get; } = "model";

    public string OwnedBy { get; } = "on-device-sora";
}
