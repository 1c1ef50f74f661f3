using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Two vectors' elements in turn: <c>a0 b0 a1 b1 ...</c>, which is what transpositions are made of.</summary>
internal static class Interleave
{
    /// <summary>The lower halves' elements in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Low<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged
    {
        if (Sse2.IsSupported)
        {
            if (Unsafe.SizeOf<T>() == 1) return Sse2.UnpackLow(a.AsByte(), b.AsByte()).As<byte, T>();
            if (Unsafe.SizeOf<T>() == 2) return Sse2.UnpackLow(a.AsUInt16(), b.AsUInt16()).As<ushort, T>();
            if (Unsafe.SizeOf<T>() == 4) return Sse.UnpackLow(a.AsSingle(), b.AsSingle()).As<float, T>();
        }
        if (AdvSimd.Arm64.IsSupported)
        {
            if (Unsafe.SizeOf<T>() == 1) return AdvSimd.Arm64.ZipLow(a.AsByte(), b.AsByte()).As<byte, T>();
            if (Unsafe.SizeOf<T>() == 2) return AdvSimd.Arm64.ZipLow(a.AsUInt16(), b.AsUInt16()).As<ushort, T>();
            if (Unsafe.SizeOf<T>() == 4) return AdvSimd.Arm64.ZipLow(a.AsSingle(), b.AsSingle()).As<float, T>();
        }
        return OneByOne(a, b, 0);
    }

    /// <summary>The upper halves' elements in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> High<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged
    {
        if (Sse2.IsSupported)
        {
            if (Unsafe.SizeOf<T>() == 1) return Sse2.UnpackHigh(a.AsByte(), b.AsByte()).As<byte, T>();
            if (Unsafe.SizeOf<T>() == 2) return Sse2.UnpackHigh(a.AsUInt16(), b.AsUInt16()).As<ushort, T>();
            if (Unsafe.SizeOf<T>() == 4) return Sse.UnpackHigh(a.AsSingle(), b.AsSingle()).As<float, T>();
        }
        if (AdvSimd.Arm64.IsSupported)
        {
            if (Unsafe.SizeOf<T>() == 1) return AdvSimd.Arm64.ZipHigh(a.AsByte(), b.AsByte()).As<byte, T>();
            if (Unsafe.SizeOf<T>() == 2) return AdvSimd.Arm64.ZipHigh(a.AsUInt16(), b.AsUInt16()).As<ushort, T>();
            if (Unsafe.SizeOf<T>() == 4) return AdvSimd.Arm64.ZipHigh(a.AsSingle(), b.AsSingle()).As<float, T>();
        }
        return OneByOne(a, b, Vector128<T>.Count / 2);
    }

    private static Vector128<T> OneByOne<T>(Vector128<T> a, Vector128<T> b, int from)
        where T : unmanaged
    {
        var result = Vector128<T>.Zero;
        for (var i = 0; i < Vector128<T>.Count / 2; i++) result = result.WithElement(2 * i, a[from + i]).WithElement(2 * i + 1, b[from + i]);
        return result;
    }
}
