namespace OnDeviceSora.Checkpoints;

/// <summary>The element types a safetensors file can hold, by the format's own names.</summary>
public enum ElementType
{
    /// <summary>One byte, 0 or 1 (<c>BOOL</c>).</summary>
    Bool,
    /// <summary>4-bit float (<c>F4</c>); two to a byte.</summary>
    F4,
    /// <summary>6-bit float, 2 exponent bits (<c>F6_E2M3</c>); four to three bytes.</summary>
    F6E2M3,
    /// <summary>6-bit float, 3 exponent bits (<c>F6_E3M2</c>); four to three bytes.</summary>
    F6E3M2,
    /// <summary>Unsigned byte (<c>U8</c>).</summary>
    U8,
    /// <summary>Signed byte (<c>I8</c>).</summary>
    I8,
    /// <summary>8-bit float, 5 exponent bits (<c>F8_E5M2</c>).</summary>
    F8E5M2,
    /// <summary>8-bit float, 4 exponent bits (<c>F8_E4M3</c>).</summary>
    F8E4M3,
    /// <summary>8-bit float, 5 exponent bits, no negative zero (<c>F8_E5M2FNUZ</c>).</summary>
    F8E5M2Fnuz,
    /// <summary>8-bit float, 4 exponent bits, no negative zero (<c>F8_E4M3FNUZ</c>).</summary>
    F8E4M3Fnuz,
    /// <summary>8-bit power of two (<c>F8_E8M0</c>).</summary>
    F8E8M0,
    /// <summary>Signed 16-bit integer (<c>I16</c>).</summary>
    I16,
    /// <summary>Unsigned 16-bit integer (<c>U16</c>).</summary>
    U16,
    /// <summary>IEEE half precision (<c>F16</c>).</summary>
    F16,
    /// <summary>bfloat16 (<c>BF16</c>).</summary>
    BF16,
    /// <summary>Signed 32-bit integer (<c>I32</c>).</summary>
    I32,
    /// <summary>Unsigned 32-bit integer (<c>U32</c>).</summary>
    U32,
    /// <summary>IEEE single precision (<c>F32</c>).</summary>
    F32,
    /// <summary>Complex number of two single-precision floats (<c>C64</c>).</summary>
    C64,
    /// <summary>IEEE double precision (<c>F64</c>).</summary>
    F64,
    /// <summary>Signed 64-bit integer (<c>I64</c>).</summary>
    I64,
    /// <summary>Unsigned 64-bit integer (<c>U64</c>).</summary>
    U64,
}

/// <summary>Names and sizes of the element types.</summary>
internal static class ElementTypes
{
    private static readonly (string Name, ElementType Type, int Bits)[] Known =
    [
        ("BOOL", ElementType.Bool, 8), ("F4", ElementType.F4, 4),
        ("F6_E2M3", ElementType.F6E2M3, 6), ("F6_E3M2", ElementType.F6E3M2, 6),
        ("U8", ElementType.U8, 8), ("I8", ElementType.I8, 8),
        ("F8_E5M2", ElementType.F8E5M2, 8), ("F8_E4M3", ElementType.F8E4M3, 8),
        ("F8_E5M2FNUZ", ElementType.F8E5M2Fnuz, 8), ("F8_E4M3FNUZ", ElementType.F8E4M3Fnuz, 8),
        ("F8_E8M0", ElementType.F8E8M0, 8),
        ("I16", ElementType.I16, 16), ("U16", ElementType.U16, 16),
        ("F16", ElementType.F16, 16), ("BF16", ElementType.BF16, 16),
        ("I32", ElementType.I32, 32), ("U32", ElementType.U32, 32), ("F32", ElementType.F32, 32),
        ("C64", ElementType.C64, 64), ("F64", ElementType.F64, 64),
        ("I64", ElementType.I64, 64), ("U64", ElementType.U64, 64),
    ];

    private static readonly Dictionary<string, ElementType> ByName = Known.ToDictionary(k => k.Name, k => k.Type);
    private static readonly Dictionary<ElementType, (string Name, int Bits)> ByType =
        Known.ToDictionary(k => k.Type, k => (k.Name, k.Bits));

    /// <summary>Every name of the format, for messages.</summary>
    public static string AllNames { get; } = string.Join(", ", Known.Select(k => k.Name));

    /// <summary>The type with the format's <paramref name="name"/>.</summary>
    public static bool TryParse(string name, out ElementType type) => ByName.TryGetValue(name, out type);

    /// <summary>The format's name of a type.</summary>
    public static string Name(this ElementType type) => ByType[type].Name;

    /// <summary>Bits one element takes.</summary>
    public static int Bits(this ElementType type) => ByType[type].Bits;
}
