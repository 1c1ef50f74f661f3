using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors.Tests;

/// <summary>Where the blocks of a test engine lie.</summary>
public enum Placement
{
    Plain,
    BeforeGuardPage,
    BehindGuardPage,
}

/// <summary>The engines that every operation is tested on: each vector width this CPU has, plain and between guard pages.</summary>
public static class EngineCase
{
    public static TheoryData<VectorWidth, Placement> All
    {
        get
        {
            var cases = new TheoryData<VectorWidth, Placement>();
            foreach (var width in Widths)
            {
                cases.Add(width, Placement.Plain);
                if (!GuardedAllocator.IsSupported) continue;
                cases.Add(width, Placement.BeforeGuardPage);
                cases.Add(width, Placement.BehindGuardPage);
            }
            return cases;
        }
    }

    /// <summary>The same without the vector width, for operations that do not depend on it.</summary>
    public static TheoryData<Placement> Placements =>
        GuardedAllocator.IsSupported ? [Placement.Plain, Placement.BeforeGuardPage, Placement.BehindGuardPage] : [Placement.Plain];

    public static IEnumerable<VectorWidth> Widths => Enum.GetValues<VectorWidth>().Where(CpuFeatures.Supports);

    /// <summary>The plain engine has one thread; the others have a few, so that tasks are shared.</summary>
    public static ComputeEngine Create(VectorWidth width, Placement placement, KernelCode? code = null) => placement switch
    {
        Placement.BeforeGuardPage => new ComputeEngine(3, width, new GuardedAllocator(atEnd: true), code),
        Placement.BehindGuardPage => new ComputeEngine(2, width, new GuardedAllocator(atEnd: false), code),
        _ => new ComputeEngine(1, width, code),
    };

    public static ComputeEngine Create(Placement placement) => Create(CpuFeatures.WidestVector, placement);
}
