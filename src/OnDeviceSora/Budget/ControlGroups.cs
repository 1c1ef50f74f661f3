using System.Globalization;

namespace OnDeviceSora.Budget;

/// <summary>
/// What the control groups of Linux, versions 1 and 2, still let this process take: the least of all groups that hold it.
/// Memory that holds file contents does not count as taken, since the kernel takes it back before it refuses any.
/// </summary>
/// <param name="root">Folder that stands for <c>/</c>.</param>
internal sealed class ControlGroups(string root)
{
    /// <summary>A limit as large as this is none; version 1 says so with its largest page count.</summary>
    private const long NoLimit = 1L << 60;

    /// <summary>Bytes, or <c>null</c> when nothing limits this process.</summary>
    public long? Headroom()
    {
        var groups = MemoryGroups().ToList();
        long? least = null;
        foreach (var mount in Mounts())
        {
            var group = groups.FirstOrDefault(group => group.Version2 == mount.Version2);
            if (group.Path is null) continue;
            foreach (var folder in FoldersUpwards(mount, group.Path))
            {
                if (Headroom(folder, mount.Version2) is { } room) least = Math.Min(least ?? room, room);
            }
        }
        return least;
    }

    /// <summary>The memory groups of <c>/proc/self/cgroup</c>: lines <c>id:controllers:path</c>, without controllers for version 2.</summary>
    private IEnumerable<(bool Version2, string Path)> MemoryGroups()
    {
        foreach (var line in Lines("proc/self/cgroup"))
        {
            var parts = line.Split(':', 3);
            if (parts.Length < 3) continue;
            if (parts[1].Length == 0) yield return (true, parts[2]);
            else if (parts[1].Split(',').Contains("memory")) yield return (false, parts[2]);
        }
    }

    /// <summary>Where the hierarchies are mounted: <c>id parent device root mount-point options ... - type source options</c>.</summary>
    private IEnumerable<(bool Version2, string Root, string Folder)> Mounts()
    {
        foreach (var line in Lines("proc/self/mountinfo"))
        {
            var halves = line.Split(" - ", 2);
            if (halves.Length < 2) continue;
            var (place, kind) = (halves[0].Split(' '), halves[1].Split(' '));
            if (place.Length < 5 || kind.Length < 3) continue;
            var version2 = kind[0] == "cgroup2";
            if (version2 || (kind[0] == "cgroup" && kind[2].Split(',').Contains("memory"))) yield return (version2, place[3], Below(place[4]));
        }
    }

    /// <summary>The group's folder and those above it, up to the mount. A container sees its own group as the mount's root.</summary>
    private static IEnumerable<string> FoldersUpwards((bool Version2, string Root, string Folder) mount, string group)
    {
        var path = mount.Root != "/" && group.StartsWith(mount.Root, StringComparison.Ordinal) ? group[mount.Root.Length..] : group;
        if (path.Split('/').Contains("..")) path = "";
        for (var folder = Path.TrimEndingDirectorySeparator(Path.Join(mount.Folder, path)); folder.Length > mount.Folder.Length; folder = Path.GetDirectoryName(folder)!)
            yield return folder;
        yield return mount.Folder;
    }

    private static long? Headroom(string folder, bool version2)
    {
        var limit = version2
            ? Least(Number(folder, "memory.max"), Number(folder, "memory.high"))
            : Number(folder, "memory.limit_in_bytes");
        if (limit is null or >= NoLimit) return null;
        var taken = Number(folder, version2 ? "memory.current" : "memory.usage_in_bytes") ?? 0;
        return Math.Max(0, limit.Value - Math.Max(0, taken - FileContents(folder, version2)));
    }

    private static long FileContents(string folder, bool version2)
    {
        string[] keys = version2 ? ["inactive_file", "active_file"] : ["total_inactive_file", "total_active_file"];
        return Lines(folder, "memory.stat").Select(line => line.Split(' '))
            .Where(words => words.Length == 2 && keys.Contains(words[0]))
            .Sum(words => Number(words[1]) ?? 0);
    }

    private static long? Least(long? a, long? b) => a is null || b is null ? a ?? b : Math.Min(a.Value, b.Value);

    private static long? Number(string folder, string file) => Lines(folder, file).Select(Number).FirstOrDefault();

    /// <summary>A number; <c>null</c> for <c>max</c> or for nonsense.</summary>
    private static long? Number(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private string Below(string path) => Path.Join(root, path);

    private string[] Lines(string path) => Lines(root, path);

    private static string[] Lines(string folder, string file)
    {
        try
        {
            return File.ReadAllLines(Path.Join(folder, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
