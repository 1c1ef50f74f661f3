using OnDeviceSora.Cli;

using var interruption = new Interruption();
return await SoraCommandLine.RunAsync(args, CommandHost.Real, interruption.Token).ConfigureAwait(false);
