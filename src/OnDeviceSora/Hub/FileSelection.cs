using System.Globalization;
using System.Text.RegularExpressions;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Hub;

/// <summary>Which files of a repository a part needs: small ones first, then its weights.</summary>
/// <param name="Files">Paths in the repository.</param>
/// <param name="Missing">What the repository lacks; empty when it has everything.</param>
internal sealed partial record FileSelection(IReadOnlyList<string> Files, IReadOnlyList<string> Missing)
{
    private const int MostShards = ShardIndex.MaximumShards;

    // What the common tools call a model's weights, preferred first; variants such as model.fp16.safetensors are others.
    private static readonly string[] Stems = ["model", "diffusion_pytorch_model"];

    /// <summary>Chooses from what there is.</summary>
    /// <param name="part">The part.</param>
    /// <param name="paths">Paths in the repository: as the hub lists them, or as they are on the disk.</param>
    public static FileSelection Choose(PublishedPart part, IEnumerable<string> paths)
    {
        var there = paths.ToHashSet(StringComparer.Ordinal);
        List<string> files = [], missing = [];
        foreach (var name in (IEnumerable<string>)[part.Folder + ModelConfig.FileName, .. part.Extra])
            (there.Contains(name) ? files : missing).Add(name);
        foreach (var stem in Stems)
        {
            if (Weights(part.Folder + stem, there, missing) is not { } weights) continue;
            files.AddRange(weights);
            return new FileSelection(files, missing);
        }

        missing.Add($"{part.Folder}{Stems[0]}.safetensors (or {Stems[0]}{ShardIndex.Suffix} with its shards)");
        return new FileSelection(files, missing);
    }

    private static List<string>? Weights(string stem, HashSet<string> there, List<string> missing)
    {
        if (there.Contains(stem + ".safetensors")) return [stem + ".safetensors"];
        if (!there.Contains(stem + ShardIndex.Suffix)) return null;

        List<string> files = [stem + ShardIndex.Suffix];
        var shards = there.Where(path => path.StartsWith(stem + "-", StringComparison.Ordinal) && ShardNumber().IsMatch(path.AsSpan(stem.Length)))
            .Order(StringComparer.Ordinal).ToList();
        var count = shards.Count == 0 ? 0 : int.Parse(ShardNumber().Match(shards[0][stem.Length..]).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        if (count is 0 or > MostShards)
        {
            missing.Add($"{stem}-00001-of-NNNNN.safetensors and further shards");
            return files;
        }

        foreach (var number in Enumerable.Range(1, count))
        {
            var shard = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number:00000}-of-{count:00000}.safetensors");
            (there.Contains(shard) ? files : missing).Add(shard);
        }

        return files;
    }

    [GeneratedRegex("^-[0-9]{5}-of-([0-9]{5})\\.safetensors$", RegexOptions.CultureInvariant)]
    private static partial Regex ShardNumber();
}
