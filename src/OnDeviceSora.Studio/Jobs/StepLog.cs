using System.Text.Json;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>The steps of one video: in memory, and a line each in a file, so that a curve goes on after a crash. Safe for use from several threads.</summary>
internal sealed class StepLog
{
    private readonly string _path;
    private readonly Lock _lock = new();
    private readonly List<StepReport> _steps;

    /// <summary>Reads the steps that an earlier server logged.</summary>
    /// <param name="path">The file; need not exist.</param>
    public StepLog(string path) => (_path, _steps) = (path, Read(path));

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<StepReport> Steps
    {
        get { lock (_lock) return [.. _steps]; }
    }

    /// <summary>Adds a step.</summary>
    public void Add(StepReport step)
    {
        lock (_lock) _steps.Add(step);
        try
        {
            File.AppendAllText(_path, JsonSerializer.Serialize(step, StudioJson.Options) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A curve with a gap is better than a video that fails; what needs the disk fails by itself.
        }
    }

    private static List<StepReport> Read(string path)
    {
        try
        {
            return File.Exists(path) ? [.. File.ReadLines(path).Select(Parse).OfType<StepReport>()] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The last line may be torn.</summary>
    private static StepReport? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<StepReport>(line, StudioJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
