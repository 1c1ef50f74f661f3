namespace OnDeviceSora.Hub;

/// <summary>A model repository on the hub, for example <c>hpcai-tech/OpenSora-STDiT-v3</c>.</summary>
/// <param name="Name">Owner and name.</param>
internal readonly record struct HubRepository(string Name)
{
    /// <summary>Its folder in the cache, as every tool of the hub calls it.</summary>
    public string FolderName => "models--" + Name.Replace("/", "--", StringComparison.Ordinal);

    public override string ToString() => Name;
}
