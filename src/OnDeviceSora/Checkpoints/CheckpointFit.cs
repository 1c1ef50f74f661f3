namespace OnDeviceSora.Checkpoints;

/// <summary>A tensor that is there, but not as the model needs it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Problem">What it is and what it should be.</param>
public sealed record TensorMismatch(string Name, string Problem);

/// <summary>How well a checkpoint's tensors fit what a model needs.</summary>
/// <param name="Missing">Names the model needs and the checkpoint lacks.</param>
/// <param name="Mismatched">Tensors of a wrong shape or of a type that cannot be converted.</param>
/// <param name="Unexpected">Names the model has no use for; they do no harm.</param>
public sealed record CheckpointFit(
    IReadOnlyList<string> Missing, IReadOnlyList<TensorMismatch> Mismatched, IReadOnlyList<string> Unexpected)
{
    /// <summary>Whether the model can run with it.</summary>
    public bool IsComplete => Missing.Count == 0 && Mismatched.Count == 0;

    /// <summary>Compares a checkpoint with what a model needs.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="expected">The model's tensors.</param>
    internal static CheckpointFit Of(Checkpoint checkpoint, IEnumerable<ExpectedTensor> expected)
    {
        var missing = new List<string>();
        var mismatched = new List<TensorMismatch>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in expected)
        {
            known.Add(tensor.Name);
            if (checkpoint.Contains(tensor.Name))
            {
                if (Problem(checkpoint, tensor) is { } problem)
                    mismatched.Add(new TensorMismatch(tensor.Name, problem));
                if (checkpoint.Find(tensor.Name).ElementType == ElementType.I8)
                    known.Add(PackageTensors.ScaleName(tensor.Name));
            }
            else if (!tensor.IsOptional)
            {
                missing.Add(tensor.Name);
            }
        }

        var unexpected = checkpoint.Names.Where(n => !known.Contains(n) && !PackageTensors.IsPadding(n)).Order(StringComparer.Ordinal).ToList();
        return new CheckpointFit(missing, mismatched, unexpected);
    }

    /// <summary>Refuses the checkpoint unless the model can run with it.</summary>
    /// <exception cref="InvalidModelException">Tensors are missing or do not fit; the message names them.</exception>
    internal void Require(string path, string model)
    {
        if (IsComplete) return;
        var problems = new List<string>();
        if (Missing.Count > 0) problems.Add($"{Missing.Count} tensors are missing: {Describe.Names(Missing)}");
        if (Mismatched.Count > 0)
        {
            var shown = string.Join("; ", Mismatched.Take(4).Select(m => $"{Describe.Quote(m.Name)} {m.Problem}"));
            problems.Add($"{Mismatched.Count} tensors do not fit the configuration: {shown}");
        }

        throw new InvalidModelException(path, $"the {model} is incomplete: {string.Join("; ", problems)}");
    }

    private static string? Problem(Checkpoint checkpoint, ExpectedTensor expected)
    {
        var found = checkpoint.Find(expected.Name);
        if (!found.Shape.AsSpan().SequenceEqual(expected.Shape))
            return $"has the shape {found.ShapeText}, {Describe.Shape(expected.Shape)} is needed";
        if (found.ElementType == ElementType.I8 && PackageTensors.IsConverted(expected)) return QuantisedWeight.Problem(checkpoint, expected);
        return FloatConversion.Supports(found.ElementType)
            ? null
            : $"is {found.ElementType.Name()}; F32, F16, BF16 or F64 is needed";
    }
}
