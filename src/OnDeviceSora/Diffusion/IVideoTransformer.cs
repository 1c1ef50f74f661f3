using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>
/// A rectified-flow video transformer that already knows its text, picture size and frame rate, for one video. All that the
/// sampler, guidance and the leap know of a model.
/// </summary>
public interface IVideoTransformer
{
    /// <summary>Predicts the velocity from noise to video, with the prompt and without it, in one batch.</summary>
    /// <param name="query">Latents and time.</param>
    /// <param name="velocity">Receives the prediction, of the shape of the query's latents.</param>
    /// <param name="cancellation">Stops the work within one block.</param>
    void PredictVelocity(VelocityQuery query, Tensor velocity, CancellationToken cancellation);
}
