"""Both autoencoders together: clips of frames <-> normalised latents [N,4,T',h,w]."""
import torch
import torch.nn as nn

from .spatial_vae import SpatialVae
from .temporal_vae import TemporalVae

SPATIAL_FACTOR = 0.18215
CHUNK = 17


class _Module(nn.Module):
    """The published names have one more level: spatial_vae.module."""

    def __init__(self, inner):
        super().__init__()
        self.module = inner


class VideoVae(nn.Module):
    def __init__(self, config):
        super().__init__()
        t = config["temporal"]
        self.spatial_vae = _Module(SpatialVae(config["block_out_channels"], config["layers_per_block"],
                                              config["latent_channels"], config.get("norm_num_groups", 32)))
        self.temporal_vae = TemporalVae(t["filters"], t["num_res_blocks"], t["channel_multipliers"],
                                        t["temporal_downsample"], t.get("num_groups", 32))
        self.register_buffer("scale", torch.tensor(config.get("scale", [1.0] * 4)).view(1, 4, 1, 1, 1))
        self.register_buffer("shift", torch.tensor(config.get("shift", [0.0] * 4)).view(1, 4, 1, 1, 1))

    @property
    def spatial(self):
        return self.spatial_vae.module

    def encode_spatial(self, video, batch=68):
        """Video [N,3,F,H,W] in [-1,1] -> posterior means times 0.18215, [N,4,F,h,w]."""
        n, c, f, h, w = video.shape
        frames = video.transpose(1, 2).reshape(n * f, c, h, w)
        z = torch.cat([self.spatial.encode(x)[0] for x in frames.split(batch)]) * SPATIAL_FACTOR
        return z.view(n, f, *z.shape[1:]).transpose(1, 2)

    def encode_temporal(self, x):
        """Spatial latents [N,4,F,h,w] -> normalised latents, in chunks of 17 frames."""
        z = torch.cat([self.temporal_vae.encode(c)[0] for c in x.split(CHUNK, dim=2)], dim=2)
        return (z - self.shift) / self.scale

    def decode_temporal(self, z, frames):
        z, parts = z * self.scale + self.shift, []
        for chunk in z.split(5, dim=2):
            n = min(CHUNK, frames - len(parts) * CHUNK)
            parts.append(self.temporal_vae.decode(chunk, n))
        return torch.cat(parts, dim=2)

    def decode_spatial(self, x, batch=68):
        n, c, f, h, w = x.shape
        frames = (x / SPATIAL_FACTOR).transpose(1, 2).reshape(n * f, c, h, w)
        y = torch.cat([self.spatial.decode(u) for u in frames.split(batch)])
        return y.view(n, f, *y.shape[1:]).transpose(1, 2)

    def decode(self, z, frames):
        return self.decode_spatial(self.decode_temporal(z, frames))
