using OnDeviceSora.Checkpoints;
using OnDeviceSora.Pipeline;

namespace OnDeviceSora;

/// <summary>
/// A folder in which a long generation saves its state: before it starts, after the text encoder, after each denoising step, and when
/// its video is written. A process may end at any moment, even by <c>kill -9</c>; opening the folder again and giving it to
/// <see cref="VideoPipeline.SampleAsync(VideoRequest, GenerationCheckpoint, IProgress{GenerationProgress}, CancellationToken)"/>
/// goes on where it was, to the same bits. One process at a time holds a folder. Dispose it after use.
/// </summary>
public sealed class GenerationCheckpoint : IDisposable
{
    /// <summary>The state's file in the folder.</summary>
    public const string FileName = "state.safetensors";

    private const string LockName = "lock";
    private readonly FileStream _lock;

    private GenerationCheckpoint(string folder, FileStream held, GenerationState? state) => (Folder, _lock, State) = (folder, held, state);

    /// <summary>The folder's full path.</summary>
    public string Folder { get; }

    /// <summary>The state as it was last saved; <c>null</c> before a generation has begun.</summary>
    public GenerationState? State { get; private set; }

    /// <summary>Where the video is going to be written: saved with the state for whoever goes on.</summary>
    public string? Output { get; init; }

    /// <summary>Whether a person named <see cref="Output"/>.</summary>
    public bool OutputWasNamed { get; init; }

    private string FilePath => Path.Combine(Folder, FileName);

    /// <summary>Opens a folder to begin a generation, or to go on with the same one; creates it where there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="discard">Forget what the folder holds: an unfinished generation, or a damaged state.</param>
    /// <param name="output">See <see cref="Output"/>.</param>
    /// <param name="outputWasNamed">See <see cref="OutputWasNamed"/>.</param>
    /// <exception cref="InvalidFileException">The state is damaged, or something else has its name.</exception>
    /// <exception cref="OutputException">The folder cannot be created or written, or another process holds it.</exception>
    public static GenerationCheckpoint Open(string folder, bool discard = false, string? output = null, bool outputWasNamed = false)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var held = Hold(folder);
        try
        {
            var path = Path.Combine(folder, FileName);
            if (GenerationStateFile.IsForeign(path)) throw new InvalidFileException(path, "this is a safetensors file, but not the state of a generation; choose another folder");
            var state = discard || !File.Exists(path) ? null : GenerationStateFile.Load(path);
            RemoveUnfinishedFiles(folder);
            return new GenerationCheckpoint(Path.GetFullPath(folder), held, state)
            {
                Output = output is null ? state?.Output : Path.GetFullPath(output),
                OutputWasNamed = output is null ? state?.OutputWasNamed ?? false : outputWasNamed,
            };
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Reads the state that a folder holds, without holding the folder.</summary>
    /// <param name="folder">A folder that <see cref="Open"/> was given.</param>
    /// <exception cref="InvalidFileException">There is no such folder, it has no state, or the state is damaged or of something else.</exception>
    public static GenerationState Read(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder)) throw new InvalidFileException(folder, "there is no such folder; give one that --checkpoint named");
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new InvalidFileException(folder, $"the folder has no {FileName}; no generation was begun with it as its checkpoint");
        return GenerationStateFile.Load(path);
    }

    /// <summary>Notes that the video is written: the generation is finished.</summary>
    /// <param name="video">Where it is.</param>
    /// <exception cref="OutputException">The state cannot be written.</exception>
    public void Finish(string video)
    {
        if (State is null) throw new InvalidOperationException("No generation has begun in this checkpoint.");
        Save(State with { Video = Path.GetFullPath(video) });
    }

    /// <summary>Lets the folder go. The state stays.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>Begins a generation, or finds where the same one stands.</summary>
    /// <exception cref="InvalidRequestException">The folder holds another generation that is not finished.</exception>
    /// <exception cref="InvalidModelException">The same generation was begun with another model.</exception>
    internal GenerationState Begin(VideoRequest request, string model, string modelFolder, int? decodeTile)
    {
        if (State is { } present && !present.IsSame(request, model))
        {
            if (present.Request == request && present.Video is null)
                throw new InvalidModelException(modelFolder, $"the generation in {Folder} was begun with the model {present.Model} (then in {present.ModelFolder}), this one is {model}: the video would be another");
            if (present.Video is null)
                throw new InvalidRequestException("checkpoint", $"{Folder} holds another generation, which is not finished ({Describe.Quote(present.Request.Prompt)}, {present.CompletedSteps} of {present.Request.Steps} steps): finish it with sora resume, choose another folder, or discard it with --force");
            State = null;
        }
        var state = State ?? new GenerationState { Request = request, Model = model, ModelFolder = Path.GetFullPath(modelFolder) };
        return Save(state with { ModelFolder = Path.GetFullPath(modelFolder), DecodeTile = decodeTile, Output = Output, OutputWasNamed = OutputWasNamed, Video = null });
    }

    /// <summary>Replaces the saved state.</summary>
    internal GenerationState Save(GenerationState state)
    {
        GenerationStateFile.Save(FilePath, state);
        State = state;
        return state;
    }

    /// <summary>The operating system frees the lock when the process ends, however it ends.</summary>
    private static FileStream Hold(string folder)
    {
        var path = Path.Combine(folder, LockName);
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException && File.Exists(path) && e is not DirectoryNotFoundException)
        {
            throw new OutputException(folder, "another process is working on this checkpoint; wait for it to end", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new OutputException(folder, $"the folder cannot be used: {e.Message}", e);
        }
    }

    /// <summary>What a process that was killed while saving has left.</summary>
    private static void RemoveUnfinishedFiles(string folder)
    {
        try
        {
            foreach (var file in Directory.EnumerateFiles(folder, FileName + ".*.partial")) File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They only take room.
        }
    }
}
