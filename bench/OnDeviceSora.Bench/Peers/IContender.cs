namespace OnDeviceSora.Bench.Peers;

/// <summary>One way to do a piece of work, set up and warmed up.</summary>
internal interface IContender : IDisposable
{
    /// <summary>Its name in results: <c>int8</c>, or <c>torch fp32</c>.</summary>
    string Name { get; }

    /// <summary>Seconds that a run will take, about.</summary>
    double ExpectedSeconds { get; }

    /// <summary>Runs the work once.</summary>
    /// <returns>Seconds it took.</returns>
    double Run();
}
