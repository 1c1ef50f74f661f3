"""What the temporal autoencoder learns from: chunks of 17 frames from the cache of clips."""
import numpy as np
import torch

from clips import SHARD, Clips, to_tensor
from models.video_vae import CHUNK
from train_spatial import pixel_weights

LATENT_CHUNK = 5          # latent frames of a chunk


class Chunks:
    """Random chunks: spatial latents, some of their pictures, the weights of these; and their chunks of other caches."""

    def __init__(self, folder, limit, others=()):
        self.clips = Clips(folder)
        complete = set.intersection(*(set(self.clips.available(n)) for n in ("spatial", *others)))
        self.keys = sorted(complete)[:limit]
        self.shards = {n: [self.clips.load(n, k) for k in self.keys] for n in ("spatial", *others)}

    def spread(self):
        """Standard deviation of the spatial latents by channel."""
        return torch.stack(self.shards["spatial"]).std((0, 1, 3, 4, 5)).view(1, 4, 1, 1, 1)

    def batch(self, rng, count, pictures):
        """Spatial latents [n,4,17,8,8], pictures [n,3,p,64,64], weights [n,p,64,64], which frames they are [n,p], and for
        every other cache its latents [n,4,5,8,8]."""
        images, weights, which, latents = [], [], [], {n: [] for n in self.shards}
        for _ in range(count):
            shard, k, part = int(rng.integers(len(self.keys))), int(rng.integers(SHARD)), int(rng.integers(2))
            for name, shards in self.shards.items():
                length = CHUNK if name == "spatial" else LATENT_CHUNK
                latents[name].append(shards[shard][k, :, part * length:(part + 1) * length])
            frames = np.sort(rng.choice(CHUNK, pictures, replace=False))
            video, covered = self.clips.draw(self.keys[shard] * SHARD + k, part * CHUNK + frames)
            images.append(to_tensor(video))
            weights.append(pixel_weights(torch.from_numpy(covered)[:, None])[:, 0])
            which.append(torch.from_numpy(frames))
        spatial = torch.stack(latents.pop("spatial"))
        return (spatial, torch.stack(images), torch.stack(weights), torch.stack(which),
                *(torch.stack(v) for v in latents.values()))
