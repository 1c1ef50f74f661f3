namespace OnDeviceSora.Budget;

/// <summary>How much resident memory the process may take. May be lowered or raised while a generation runs. Safe for use from several threads.</summary>
/// <param name="bytes">Bytes, 1 or more.</param>
public sealed class MemoryBudget(long bytes)
{
    private long _bytes = bytes > 0 ? bytes : throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "A budget is at least 1 byte.");

    /// <summary>The budget in bytes of resident memory, of the whole process.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to 0 or less.</exception>
    public long Bytes
    {
        get => Volatile.Read(ref _bytes);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            Volatile.Write(ref _bytes, value);
        }
    }
}
