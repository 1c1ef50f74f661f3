using System.Text.Json;

namespace OnDeviceSora.Text;

/// <summary>
/// What a prompt may carry behind its words: <c>{"reference_path": "a.png", "mask_strategy": "0"}</c>. Specification section 2,
/// step 1.
/// </summary>
/// <param name="Words">The prompt before the brace.</param>
/// <param name="ReferencePath">Reference images or videos, separated by semicolons; <c>null</c> when the prompt says nothing.</param>
/// <param name="MaskStrategy">How they are used; <c>null</c> when the prompt says nothing.</param>
internal sealed record PromptTail(string Words, string? ReferencePath, string? MaskStrategy)
{
    private const string Example = "a prompt may end in one such part: {\"reference_path\": \"a.png\", \"mask_strategy\": \"0\"}";

    /// <summary>Takes a prompt and its tail apart.</summary>
    /// <exception cref="InvalidRequestException">The prompt has a brace, but what follows is not such a tail.</exception>
    public static PromptTail Split(string prompt)
    {
        int brace = prompt.IndexOf('{', StringComparison.Ordinal);
        if (brace < 0) return new PromptTail(prompt, null, null);
        if (prompt.IndexOf('{', brace + 1) >= 0)
            throw new InvalidRequestException("Prompt", $"the prompt has more than one '{{'; {Example}.");
        try
        {
            using var document = JsonDocument.Parse(prompt.AsMemory(brace));
            return Read(prompt[..brace], document.RootElement);
        }
        // The latter: half of a surrogate pair.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidRequestException("Prompt", $"what follows '{{' in the prompt is not JSON ({error.Message}); {Example}.");
        }
    }

    private static PromptTail Read(string words, JsonElement tail)
    {
        var result = new PromptTail(words, null, null);
        foreach (var member in tail.EnumerateObject())
        {
            if (member.Name is not ("reference_path" or "mask_strategy"))
                throw new InvalidRequestException("Prompt", $"'{member.Name}' is not known behind a prompt; {Example}.");
            if (member.Value.ValueKind != JsonValueKind.String)
                throw new InvalidRequestException("Prompt", $"'{member.Name}' behind the prompt must be a text; {Example}.");
            string value = member.Value.GetString()!;
            result = member.Name == "reference_path" ? result with { ReferencePath = value } : result with { MaskStrategy = value };
        }
        return result;
    }
}
