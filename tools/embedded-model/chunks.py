"""What the temporal autoencoder learns from: chunks of 17 frames from the cache of clips."""
import numpy as np
import torch

from clips import SHARD, Clips, to_tensor
from models.video_vae import CHUNK
from train_spatial import pixel_weights


class Chunks:
    """Random chunks: spatial latents, some of their pictures, the weights of these."""

    def __init__(self, folder, limit):
        self.clips = Clips(folder)
        self.keys = self.clips.available()[:limit]
        self.shards = [self.clips.load("spatial", k) for k in self.keys]

    def spread(self):
        """Standard deviation of the spatial latents by channel."""
        return torch.stack(self.shards).std((0, 1, 3, 4, 5)).view(1, 4, 1, 1, 1)

    def batch(self, rng, count, pictures):
        """Spatial latents [n,4,17,8,8], pictures [n,3,p,64,64], weights [n,p,64,64], which frames they are [n,p]."""
        chunks = [self._chunk(rng, pictures) for _ in range(count)]
        return tuple(torch.stack(values) for values in zip(*chunks))

    def _chunk(self, rng, pictures):
        shard, k, part = int(rng.integers(len(self.keys))), int(rng.integers(SHARD)), int(rng.integers(2))
        frames = np.sort(rng.choice(CHUNK, pictures, replace=False))
        video, covered = self.clips.draw(self.keys[shard] * SHARD + k, part * CHUNK + frames)
        return (self.shards[shard][k, :, part * CHUNK:(part + 1) * CHUNK], to_tensor(video),
                pixel_weights(torch.from_numpy(covered)[:, None])[:, 0], torch.from_numpy(frames))
