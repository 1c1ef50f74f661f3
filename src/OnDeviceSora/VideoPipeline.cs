using OnDeviceSora.Autoencoder;
using OnDeviceSora.Budget;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Media;
using OnDeviceSora.Pipeline;
using OnDeviceSora.Pipeline.Planning;
using OnDeviceSora.Previews;
using OnDeviceSora.Tensors;
using OnDeviceSora.Text;

namespace OnDeviceSora;

/// <summary>
/// The library's door: a model folder, opened, that turns sentences into videos. Safe for use from several threads;
/// generations run one after another.
/// </summary>
public sealed class VideoPipeline : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly ModelFolder _model;
    private readonly PipelineOptions _options;
    private readonly SentencePieceTokenizer _tokenizer;
    private readonly string _fingerprint;
    private readonly TextEmbeddingCache? _textCache;
    private readonly PipelinePlanner _planner;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private MachineSpeed? _speed;
    private bool _disposed;

    private VideoPipeline(ModelFolder model, PipelineOptions options)
    {
        _model = model;
        _options = options.Memory is null ? options with { Memory = new MemoryBudget(new MachineMemory().DefaultBudget(ResidentMemory.CurrentBytes)) } : options;
        _tokenizer = SentencePieceTokenizer.Load(model.TokenizerPath);
        CheckVocabulary();
        _fingerprint = ModelFingerprint.Of(model.Path);
        _engine = new ComputeEngine(options.Threads);
        if (options.TextEmbeddingCache is { } folder) _textCache = new TextEmbeddingCache(folder, model, _engine.VectorWidth);
        _planner = new PipelinePlanner(_engine, model, _options, budgetIsGiven: options.Memory is not null);
    }

    /// <summary>The model's name and the hash of its files.</summary>
    public string Model => _fingerprint;

    /// <summary>Resident memory that the process may take, in bytes: what <see cref="PipelineOptions.Memory"/> says now, or what the machine could give when the model was opened.</summary>
    public long BudgetBytes => _options.Memory!.Bytes;

    /// <summary>Opens a model folder; reads its configuration and headers, and refuses it when a part is missing.</summary>
    /// <param name="modelFolder">A folder with <c>config.json</c>, <c>spiece.model</c> and the safetensors of the three models.</param>
    /// <param name="options">How to run; <c>null</c> for the defaults.</param>
    /// <exception cref="InvalidModelException">A part is missing or does not fit the configuration.</exception>
    /// <exception cref="InvalidFileException">A file is damaged.</exception>
    /// <exception cref="InvalidRequestException">An option is out of range.</exception>
    public static VideoPipeline Open(string modelFolder, PipelineOptions? options = null)
    {
        options ??= new PipelineOptions();
        options.Check();
        var model = ModelFolder.Open(modelFolder);
        try
        {
            return new VideoPipeline(model, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Generates one video.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="progress">Receives a report at least once per step; may be <c>null</c>.</param>
    /// <param name="cancellation">Stops the work within one model block.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured.</exception>
    /// <exception cref="InvalidFileException">A weight file was damaged or changed since the model was opened.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<GeneratedVideo> GenerateAsync(
        VideoRequest request, IProgress<GenerationProgress>? progress = null, CancellationToken cancellation = default) =>
        GenerateInTurn(request, null, progress, cancellation);

    /// <summary>Generates one video whose state is saved on the way; goes on with it when the checkpoint holds its state.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="checkpoint">Where the state is saved. The caller writes the video and then calls <see cref="GenerationCheckpoint.Finish"/>.</param>
    /// <param name="progress">Receives a report at least once per step; may be <c>null</c>.</param>
    /// <param name="cancellation">Stops the work within one model block.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured, or the checkpoint holds another unfinished generation.</exception>
    /// <exception cref="InvalidModelException">The checkpoint's generation was begun with another model.</exception>
    /// <exception cref="InvalidFileException">A weight file was damaged or changed since the model was opened.</exception>
    /// <exception cref="OutputException">The state cannot be saved.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<GeneratedVideo> GenerateAsync(
        VideoRequest request, GenerationCheckpoint checkpoint, IProgress<GenerationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return GenerateInTurn(request, checkpoint, progress, cancellation);
    }

    /// <summary>
    /// Only samples: the long part of a generation, without the decoding. Save what it returns
    /// (<see cref="LatentsFile"/>), and no sampling is lost to what comes after.
    /// </summary>
    /// <param name="request">What to generate.</param>
    /// <param name="progress">Receives a report at least once per step; may be <c>null</c>.</param>
    /// <param name="cancellation">Stops the work within one model block.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured.</exception>
    /// <exception cref="InvalidFileException">A weight file was damaged or changed since the model was opened.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<VideoLatents> SampleAsync(
        VideoRequest request, IProgress<GenerationProgress>? progress = null, CancellationToken cancellation = default) =>
        SampleInTurn(request, null, progress, cancellation);

    /// <summary>Only samples, and saves the state on the way; goes on when the checkpoint holds the state of the same generation.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="checkpoint">Where the state is saved.</param>
    /// <param name="progress">Receives a report at least once per step; may be <c>null</c>.</param>
    /// <param name="cancellation">Stops the work within one model block.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured, or the checkpoint holds another unfinished generation.</exception>
    /// <exception cref="InvalidModelException">The checkpoint's generation was begun with another model.</exception>
    /// <exception cref="InvalidFileException">A weight file was damaged or changed since the model was opened.</exception>
    /// <exception cref="OutputException">The state cannot be saved.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<VideoLatents> SampleAsync(
        VideoRequest request, GenerationCheckpoint checkpoint, IProgress<GenerationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return SampleInTurn(request, checkpoint, progress, cancellation);
    }

    /// <summary>Decodes latents that were sampled before, or loaded from a file.</summary>
    /// <param name="latents">The latents.</param>
    /// <param name="progress">Receives a report for each frame; may be <c>null</c>.</param>
    /// <param name="cancellation">Stops the work within one part of the autoencoder.</param>
    /// <exception cref="InvalidRequestException">The latents are not of this model's kind or of their request's size.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<GeneratedVideo> DecodeAsync(
        VideoLatents latents, IProgress<GenerationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(latents);
        var resolved = latents with { Request = Complete(latents.Request) };
        CheckLatents(resolved);
        _planner.PlanDecoding(resolved.Request);
        return await InTurn(() => Decode(resolved, new ProgressReporter(_engine.Memory, progress), cancellation), cancellation).ConfigureAwait(false);
    }

    /// <summary>Begins the samples that previews of this model's latents are fitted on: encodes a clip of 17 frames of 64x64, which takes as long as decoding one.</summary>
    /// <param name="cancellation">Stops the work within one part of the autoencoder.</param>
    /// <exception cref="InvalidModelException">The model has no encoder, or one of another shape.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<PreviewSamples> SamplePreviewAsync(CancellationToken cancellation = default) =>
        InTurn(() => new PreviewStage(_engine, _model, _options).Sample(cancellation), cancellation);

    /// <summary>The request with the model's defaults in place of every <c>null</c>, validated.</summary>
    /// <param name="request">What to generate.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured.</exception>
    public VideoRequest Resolve(VideoRequest request)
    {
        var resolved = Complete(request);
        PlanSampled(resolved);
        return resolved;
    }

    /// <summary>The same as <see cref="Resolve"/> without asking whether it fits the memory.</summary>
    /// <param name="request">What to generate.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured.</exception>
    public VideoRequest Complete(VideoRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new RequestResolver(_model.Config).Resolve(request);
    }

    /// <summary>What a generation will keep in memory and how long it will take. Loads no weights.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="measureSpeed">Whether to measure the machine's speed, which takes part of a second, once; without it the plan has no times.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured, or does not fit the memory budget; the message says what does.</exception>
    public GenerationPlan Plan(VideoRequest request, bool measureSpeed = true)
    {
        var resolved = Resolve(request);
        return measureSpeed ? PlanSampled(resolved, _speed ??= MachineSpeed.Measure(_options.Threads, _model)) : PlanSampled(resolved);
    }

    /// <summary>
    /// What a generation would take if this process did nothing else meanwhile: for planning ahead while another pipeline of the process is at work.
    /// </summary>
    /// <param name="request">What to generate.</param>
    /// <param name="budgetBytes">Resident memory it may take, 1 or more; <c>null</c> for the pipeline's budget.</param>
    /// <param name="measureSpeed">As for <see cref="Plan"/>.</param>
    /// <exception cref="InvalidRequestException">The request cannot be honoured, or does not fit the memory budget; the message says what does.</exception>
    public GenerationPlan PlanAlone(VideoRequest request, long? budgetBytes = null, bool measureSpeed = true)
    {
        var resolved = Complete(request);
        if (budgetBytes is < 1) throw new InvalidRequestException(nameof(PipelineOptions.Memory), $"the memory is {budgetBytes} bytes; it must be at least 1");
        if (measureSpeed) _speed ??= MachineSpeed.Measure(_options.Threads, _model);
        return _planner.PlanAlone(resolved, TextStage.Tokenize(resolved.Prompt).Length, budgetBytes, measureSpeed ? _speed : null);
    }

    /// <summary>Frees the native memory of the models and the threads, once a running generation has ended.</summary>
    public void Dispose()
    {
        _turn.Wait();
        try
        {
            if (_disposed) return;
            _disposed = true;
            _engine.Dispose();
            _model.Dispose();
        }
        finally
        {
            _turn.Release();
        }
    }

    private TextStage TextStage => new(_engine, _model, _tokenizer, _options, _textCache);

    private GenerationPlan PlanSampled(VideoRequest request, MachineSpeed? speed = null) =>
        _planner.Plan(request, TextStage.Tokenize(request.Prompt).Length, speed);

    private async Task<GeneratedVideo> GenerateInTurn(
        VideoRequest request, GenerationCheckpoint? checkpoint, IProgress<GenerationProgress>? progress, CancellationToken cancellation)
    {
        var resolved = Resolve(request);
        return await InTurn(
            () =>
            {
                var reporter = new ProgressReporter(_engine.Memory, progress);
                return Decode(Sample(resolved, checkpoint, reporter, cancellation), reporter, cancellation);
            },
            cancellation).ConfigureAwait(false);
    }

    private async Task<VideoLatents> SampleInTurn(
        VideoRequest request, GenerationCheckpoint? checkpoint, IProgress<GenerationProgress>? progress, CancellationToken cancellation)
    {
        var resolved = Resolve(request);
        return await InTurn(() => Sample(resolved, checkpoint, new ProgressReporter(_engine.Memory, progress), cancellation), cancellation).ConfigureAwait(false);
    }

    private VideoLatents Sample(VideoRequest request, GenerationCheckpoint? checkpoint, ProgressReporter reporter, CancellationToken cancellation)
    {
        var plan = PlanSampled(request);
        var saving = SavedSampling.Begin(checkpoint, request, _fingerprint, _model, plan.DecodeTile);
        if (saving.Finished() is { } latents) return latents with { Model = _fingerprint };
        using var features = saving.Caption(_engine, reporter) ?? TextStage.Encode(request.Prompt, plan, reporter, cancellation);
        saving.Encoded(features, reporter);
        return new DenoisingStage(_engine, _model, _options, plan).Sample(request, features, saving, reporter, cancellation) with { DecodeTile = plan.DecodeTile, Model = _fingerprint };
    }

    private GeneratedVideo Decode(VideoLatents latents, ProgressReporter reporter, CancellationToken cancellation)
    {
        var plan = _planner.PlanDecoding(latents.Request);
        var frames = new DecodingStage(_engine, _model, _options, plan).Decode(latents, reporter, cancellation);
        var sampling = latents.Sampling ?? new SamplingSummary(0, null, [], reporter.Timings);
        return new GeneratedVideo
        {
            Frames = frames,
            Request = latents.Request,
            Model = _fingerprint,
            Timings = sampling.Timings.Concat(reporter.Timings).DistinctBy(stage => stage.Key).ToDictionary(),
            PeakTensorBytes = _engine.Memory.PeakBytes,
            PeakResidentBytes = PeakResidentMemory.Bytes,
            ExecutedSteps = sampling.ExecutedSteps,
            LeapStep = sampling.LeapStep,
            Similarities = sampling.Similarities,
            DecodeTile = plan.DecodeTile,
            Latents = latents,
        };
    }

    /// <summary>A tokenizer of another model would name rows that the encoder's embedding lacks.</summary>
    private void CheckVocabulary()
    {
        var rows = _model.Config.TextEncoder.VocabSize;
        if (_tokenizer.PieceCount > rows) throw new InvalidModelException(_model.TokenizerPath, $"the tokenizer has {_tokenizer.PieceCount} pieces, but the text encoder's vocab_size is {rows}; they belong to different models");
    }

    private async Task<T> InTurn<T>(Func<T> work, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _engine.Memory.ResetPeak();
            return await Task.Run(work, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void CheckLatents(VideoLatents latents)
    {
        var request = latents.Request;
        var size = LatentSize.Of(_model.Config.Vae, request.Frames!.Value, request.Height!.Value, request.Width!.Value);
        var channels = _model.Config.Vae.LatentChannels;
        var fits = latents.Channels == channels && size == new LatentSize(latents.LatentFrames, latents.LatentHeight, latents.LatentWidth)
            && latents.Values.LongLength == (long)channels * size.Frames * size.Height * size.Width;
        if (!fits) throw new InvalidRequestException(nameof(latents), $"The latents are {latents.Channels} x {latents.LatentFrames} x {latents.LatentHeight} x {latents.LatentWidth} ({latents.Values.LongLength} values); this model needs {channels} x {size.Frames} x {size.Height} x {size.Width} for {request.Frames} frames of {request.Width}x{request.Height}.");
    }
}
