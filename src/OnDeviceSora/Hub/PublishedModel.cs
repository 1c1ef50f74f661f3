namespace OnDeviceSora.Hub;

/// <summary>A part of a published model: weights with their configuration, in a folder of a repository.</summary>
/// <param name="Name">What the part is called in a model folder: <c>transformer</c>, <c>vae</c> or <c>text_encoder</c>.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Folder">The folder in it, with a slash at its end; empty for the repository itself.</param>
/// <param name="Extra">Further files that are needed.</param>
internal sealed record PublishedPart(string Name, HubRepository Repository, string Folder, IReadOnlyList<string> Extra);

/// <summary>A model as it is published: which repositories hold its parts.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="Parts">Its parts.</param>
internal sealed record PublishedModel(string Name, IReadOnlyList<PublishedPart> Parts)
{
    /// <summary>The tokenizer's file in the text encoder's repository.</summary>
    public const string Tokenizer = "tokenizer/spiece.model";

    /// <summary>Open-Sora v1.2 as its authors published it.</summary>
    public static PublishedModel OpenSora { get; } = new("opensora-v1.2",
    [
        new("transformer", new("hpcai-tech/OpenSora-STDiT-v3"), "", []),
        new("vae", new("hpcai-tech/OpenSora-VAE-v1.2"), "", []),
        new("text_encoder", new("PixArt-alpha/pixart_sigma_sdxlvae_T5_diffusers"), "text_encoder/", [Tokenizer]),
    ]);

    /// <summary>Every model that can be pulled.</summary>
    public static IReadOnlyList<PublishedModel> All { get; } = [OpenSora];

    /// <summary>The model of this name.</summary>
    /// <exception cref="InvalidRequestException">There is none.</exception>
    public static PublishedModel Named(string name) =>
        All.FirstOrDefault(model => model.Name == name)
        ?? throw new InvalidRequestException("Model", $"{Checkpoints.Describe.Quote(name)} cannot be pulled; known are: {string.Join(", ", All.Select(model => model.Name))}");
}
