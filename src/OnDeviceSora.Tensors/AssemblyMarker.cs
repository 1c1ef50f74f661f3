namespace OnDeviceSora.Tensors;
internal static class AssemblyMarker;
