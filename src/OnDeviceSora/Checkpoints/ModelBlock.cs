namespace OnDeviceSora.Checkpoints;

/// <summary>
/// A part of a model that is loaded, run and let go as one: its tensors are those whose names begin with one of its prefixes
/// and with none of an earlier block's.
/// </summary>
/// <param name="Name">Its name in manifests, timelines and messages, for example <c>spatial_blocks.3</c>.</param>
/// <param name="Prefixes">Beginnings of its tensors' names, in the order in which they are read.</param>
internal sealed record ModelBlock(string Name, params string[] Prefixes)
{
    /// <summary>Whether this block claims a tensor.</summary>
    public bool Claims(string tensor) => Prefixes.Any(prefix => tensor.StartsWith(prefix, StringComparison.Ordinal));
}
