using System.Text;
using OnDeviceSora.Bench.Synthesis;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

public sealed class ModelConfigJsonTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        foreach (var config in (ModelConfig[])[SyntheticModels.Full, SyntheticModels.Tiny, SmallModel.Config])
        {
            var json = ModelConfigJson.Write(config);
            var read = ModelConfig.Parse("config.json", json);
            Assert.Equal(config.TextEncoder, read.TextEncoder);
            Assert.Equal(config.Transformer, read.Transformer);
            Assert.Equal(config.Sampling, read.Sampling);
            Assert.Equal(config.Vae.Scale, read.Vae.Scale);
            Assert.Equal(config.Vae.Temporal.TemporalDownsample, read.Vae.Temporal.TemporalDownsample);
            Assert.Equal(Encoding.UTF8.GetString(json), Encoding.UTF8.GetString(ModelConfigJson.Write(read)));
        }
    }
}
