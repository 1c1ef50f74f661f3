namespace OnDeviceSora.Tensors;

/// <summary>The extents of a tensor, outermost first. Row-major: the last one is contiguous.</summary>
public sealed class Shape : IEquatable<Shape>
{
    private readonly int[] _extents;

    /// <summary>Creates a shape.</summary>
    /// <param name="extents">Extents, each 0 or more; their product must fit in 63 bits.</param>
    public Shape(params ReadOnlySpan<int> extents)
    {
        var length = 1L;
        foreach (var extent in extents)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(extents));
            length = checked(length * extent);
        }
        _extents = extents.ToArray();
        Length = length;
    }

    /// <summary>Number of axes.</summary>
    public int Rank => _extents.Length;

    /// <summary>Number of elements: the product of the extents.</summary>
    public long Length { get; }

    /// <summary>The extent of an axis; negative axes count from the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public int this[int axis]
    {
        get
        {
            var index = axis < 0 ? axis + Rank : axis;
            if ((uint)index >= (uint)Rank) throw new ArgumentOutOfRangeException(nameof(axis), $"{this} has no axis {axis}.");
            return _extents[index];
        }
    }

    /// <summary>Number of rows: the product of all extents but the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no axis at all.</exception>
    public long Rows
    {
        get
        {
            var rows = this[-1] == 0 ? 1L : Length / this[-1];
            if (this[-1] > 0) return rows;
            for (var axis = 0; axis < Rank - 1; axis++) rows = checked(rows * _extents[axis]);
            return rows;
        }
    }

    /// <summary>The extents.</summary>
    public ReadOnlySpan<int> Extents => _extents;

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && Extents.SequenceEqual(other.Extents);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => _extents.Aggregate(17, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", _extents)}]";
}
