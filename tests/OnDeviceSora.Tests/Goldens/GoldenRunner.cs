namespace OnDeviceSora.Tests.Goldens;

/// <summary>Runs a golden case by its kind.</summary>
internal static class GoldenRunner
{
    /// <summary>Runs one case.</summary>
    /// <param name="folder">The folder of goldens.</param>
    /// <param name="file">The case's path within it.</param>
    /// <returns>What became of it: passed, or a later issue's.</returns>
    /// <exception cref="GoldenMismatchException">It differs, cannot be run, or its kind is unknown.</exception>
    public static string Run(string folder, string file)
    {
        try
        {
            using var golden = GoldenCase.Open(Path.Combine(folder, file));
            if (GoldenKinds.LaterIssues.TryGetValue(golden.Kind, out var subject)) return $"later issue: {golden.Kind} ({subject})";
            if (!GoldenKinds.Runners.TryGetValue(golden.Kind, out var run)) throw new GoldenMismatchException($"kind '{golden.Kind}' is unknown");
            run(golden);
            return "passed";
        }
        catch (GoldenDataAbsentException e)
        {
            return $"not run: {e.Message}";
        }
        catch (Exception e)
        {
            throw new GoldenMismatchException($"{file}: {e.Message}", e);
        }
    }
}
