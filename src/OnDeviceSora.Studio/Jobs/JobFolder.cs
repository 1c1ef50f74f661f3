using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>The folder of one video, named by its id. Every file in it appears when it is complete.</summary>
/// <param name="path">Where it is.</param>
internal sealed class JobFolder(string path)
{
    public const string JobFile = "job.json";

    /// <summary>What a folder is called before it is removed, so that a crash leaves nothing that looks like a video.</summary>
    private const string DeletedPrefix = "deleted_";

    /// <summary>Where the state of the generation is saved.</summary>
    public string Checkpoint => At("checkpoint");

    /// <summary>The video's file as it is meant to be; without ffmpeg it becomes <see cref="AnimatedPicture"/>.</summary>
    public string Video => At("video.mp4");

    /// <summary>The video as an animated PNG.</summary>
    public string AnimatedPicture => At("video.png");

    public string Thumbnail => At("thumbnail.png");

    public string Spritesheet => At("spritesheet.png");

    /// <summary>The video so far, and one picture of it.</summary>
    public string Preview => At("preview.png");

    public string StillPreview => At("preview-still.png");

    public string Report => At("report.json");

    public string Timeline => At("timeline.html");

    /// <summary>The steps so far, a line each.</summary>
    public string Steps => At("steps.jsonl");

    /// <summary>A file in it.</summary>
    public string At(string name) => Path.Combine(path, name);

    /// <summary>The job that the folder holds.</summary>
    /// <exception cref="InvalidFileException">There is none, or it is damaged.</exception>
    public VideoJob Read() => JobJson.Read(At(JobFile));

    /// <summary>Saves the job; creates the folder.</summary>
    /// <param name="job">The job.</param>
    /// <param name="survivesPowerLoss">Whether to wait until the disk has it.</param>
    /// <exception cref="OutputException">The disk is full, or the folder is read-only.</exception>
    public void Save(VideoJob job, bool survivesPowerLoss)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(path, $"the folder cannot be created: {e.Message}", e);
        }

        AtomicFile.Write(At(JobFile), stream => JobJson.Write(stream, job), survivesPowerLoss);
    }

    /// <summary>Removes what only a video that is not done needs.</summary>
    public void RemoveWorkingFiles()
    {
        foreach (var file in (string[])[Preview, StillPreview, Steps]) Quietly(() => File.Delete(file));
        Quietly(() => Directory.Delete(Checkpoint, recursive: true));
    }

    /// <summary>Removes the folder with everything in it.</summary>
    /// <exception cref="OutputException">It cannot be removed.</exception>
    public void Delete()
    {
        var deleted = Path.Combine(Path.GetDirectoryName(path)!, DeletedPrefix + Path.GetFileName(path));
        try
        {
            if (!Directory.Exists(path)) return;
            Directory.Move(path, deleted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(path, $"the folder cannot be removed: {e.Message}", e);
        }

        Quietly(() => Directory.Delete(deleted, recursive: true));
    }

    /// <summary>Removes what a server that ended in the middle of <see cref="Delete"/> has left.</summary>
    public static void RemoveDeleted(string dataFolder)
    {
        foreach (var folder in Directory.EnumerateDirectories(dataFolder, DeletedPrefix + "*")) Quietly(() => Directory.Delete(folder, recursive: true));
    }

    /// <summary>What is left only takes room.</summary>
    private static void Quietly(Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start of the server tries again.
        }
    }
}
