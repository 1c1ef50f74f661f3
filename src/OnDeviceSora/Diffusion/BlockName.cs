namespace OnDeviceSora.Diffusion;

/// <summary>What a block's self attention runs over.</summary>
internal enum BlockKind
{
    /// <summary>The patches of one frame.</summary>
    Spatial,

    /// <summary>The frames at one patch.</summary>
    Temporal,
}

/// <summary>Which block of the model.</summary>
/// <param name="Kind">Spatial or temporal.</param>
/// <param name="Pair">Index of its pair, from 0; a pair runs its spatial block first.</param>
internal readonly record struct BlockName(BlockKind Kind, int Pair)
{
    /// <summary>The block that runs at a given place, from 0.</summary>
    public static BlockName At(int index) => new(index % 2 == 0 ? BlockKind.Spatial : BlockKind.Temporal, index / 2);

    /// <summary>The name the checkpoint gives it.</summary>
    public override string ToString() => Kind == BlockKind.Spatial ? $"spatial_blocks.{Pair}" : $"temporal_blocks.{Pair}";
}
