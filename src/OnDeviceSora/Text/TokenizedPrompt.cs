namespace OnDeviceSora.Text;

/// <summary>A prompt as the text encoder takes it: ids, end of sentence, padding. Specification section 3.</summary>
/// <param name="Ids">The ids, padded to the model's text length.</param>
/// <param name="Length">How many of them are real, the end of sentence included: the mask is 1 on these and 0 after.</param>
internal sealed record TokenizedPrompt(int[] Ids, int Length)
{
    /// <summary>The attention mask: 1 on the real positions, 0 on the padding.</summary>
    public int[] Mask
    {
        get
        {
            var mask = new int[Ids.Length];
            Array.Fill(mask, 1, 0, Length);
            return mask;
        }
    }

    /// <summary>The real ids, without the padding.</summary>
    public ReadOnlySpan<int> RealIds => Ids.AsSpan(0, Length);
}
