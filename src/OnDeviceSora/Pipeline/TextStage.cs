using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;
using OnDeviceSora.Text;

namespace OnDeviceSora.Pipeline;

/// <summary>The first stage: the prompt becomes caption features.</summary>
/// <param name="engine">Where to compute.</param>
/// <param name="model">The open model folder.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="options">How the encoder's blocks come into memory.</param>
/// <param name="cache">Features of earlier prompts, or <c>null</c> for none.</param>
internal sealed class TextStage(ComputeEngine engine, ModelFolder model, SentencePieceTokenizer tokenizer, PipelineOptions options, TextEmbeddingCache? cache = null)
{
    /// <summary>Encodes a prompt. The encoder's weights are held only meanwhile, and not read for a prompt that the cache knows.</summary>
    /// <param name="prompt">The prompt as the user wrote it.</param>
    /// <param name="plan">What to keep in memory.</param>
    /// <param name="reporter">Receives progress by block.</param>
    /// <param name="cancellation">Looked at before every block.</param>
    /// <returns>The features of the tokens that count, a new tensor <c>[1, tokens, caption channels]</c>.</returns>
    public Tensor Encode(string prompt, GenerationPlan plan, ProgressReporter reporter, CancellationToken cancellation)
    {
        var tokens = Tokenize(prompt);
        reporter.Begin(GenerationStage.TextEncoding, model.Config.TextEncoder.NumLayers);
        if (cache?.Find(tokens.RealIds, model.Config.TextEncoder.DModel) is { } known)
        {
            reporter.Report(model.Config.TextEncoder.NumLayers);
            reporter.End();
            return engine.From(known, 1, tokens.Length, model.Config.TextEncoder.DModel);
        }
        using var encoder = T5Encoder.Load(engine, model.TextEncoder, model.Config.TextEncoder, options.StreamingFor(passes: 1, plan.Stage(PlannedStage.TextEncoding).ActivationBytes));
        // Padding is not computed: no real token sees it, and positions count only as differences.
        var features = encoder.Encode(tokens.RealIds, [tokens.Length], blocks => reporter.Report(blocks), cancellation);
        FiniteValues.Require(features.Span, model, "text encoder");
        cache?.Store(tokens.RealIds, features.Span);
        reporter.End();
        return features;
    }

    /// <summary>A prompt as the encoder takes it.</summary>
    /// <exception cref="InvalidRequestException">It asks for what is not supported.</exception>
    public TokenizedPrompt Tokenize(string prompt) => tokenizer.EncodePrompt(Prepare(prompt), model.Config.Transformer.ModelMaxLength);

    private string Prepare(string prompt)
    {
        var prepared = PromptPreprocessor.Prepare(prompt, new PromptScores { Aesthetic = model.Config.Sampling.AestheticScore });
        if (prepared.ReferencePath is null && prepared.MaskStrategy is null) return prepared.Text;
        throw new InvalidRequestException(nameof(VideoRequest.Prompt), "The prompt names reference images or videos; generation from references is not supported. Leave out the part in braces.");
    }
}
