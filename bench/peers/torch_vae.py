"""Decoding with Open-Sora 1.2's video autoencoder in PyTorch: the reference's structure, random weights."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_timing import Work, seconds_of

LATENT, MICRO_LATENTS, MICRO_FRAMES, PICTURES_AT_ONCE = 4, 5, 17, 4


class CausalConv(nn.Module):
    """3D convolution that pads time in front only."""

    def __init__(self, inputs, outputs, kernel=3, bias=True):
        super().__init__()
        self.pad = (kernel // 2, kernel // 2, kernel // 2, kernel // 2, kernel - 1, 0)
        self.conv = nn.Conv3d(inputs, outputs, kernel, bias=bias)

    def forward(self, x):
        return self.conv(F.pad(x, self.pad))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, conv, shortcut, eps):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(32, inputs, eps), nn.GroupNorm(32, outputs, eps)
        self.conv1, self.conv2 = conv(inputs, outputs), conv(outputs, outputs)
        self.shortcut = shortcut(inputs, outputs) if inputs != outputs else nn.Identity()

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        return self.shortcut(x) + self.conv2(F.silu(self.norm2(h)))


def temporal_residual(inputs, outputs):
    return Residual(inputs, outputs, lambda i, o: CausalConv(i, o, bias=False), lambda i, o: CausalConv(i, o, 1, bias=False), 1e-5)


def spatial_residual(inputs, outputs):
    return Residual(inputs, outputs, lambda i, o: nn.Conv2d(i, o, 3, padding=1), lambda i, o: nn.Conv2d(i, o, 1), 1e-6)


class ChannelsToFrames(nn.Module):
    def forward(self, x):
        b, c, t, h, w = x.shape
        return x.view(b, c // 2, 2, t, h, w).transpose(2, 3).reshape(b, c // 2, 2 * t, h, w)


def temporal_decoder():
    layers = [CausalConv(LATENT, LATENT, 1), CausalConv(LATENT, 512)] + [temporal_residual(512, 512) for _ in range(4)]
    inputs = 512
    for stage, outputs in ((3, 512), (2, 256), (1, 256), (0, 128)):
        layers += [temporal_residual(inputs if j == 0 else outputs, outputs) for j in range(4)]
        if stage >= 2:
            layers += [CausalConv(outputs, 2 * outputs), ChannelsToFrames()]
        inputs = outputs
    return nn.Sequential(*layers, nn.GroupNorm(32, 128, 1e-5), nn.SiLU(), CausalConv(128, LATENT))


class PictureAttention(nn.Module):
    """One head as wide as the channels among the positions of a picture."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.GroupNorm(32, channels, 1e-6)
        self.q, self.k, self.v, self.out = (nn.Linear(channels, channels) for _ in range(4))

    def forward(self, x):
        b, c, h, w = x.shape
        rows = self.norm(x).view(b, c, h * w).transpose(1, 2)
        scores = torch.baddbmm(torch.empty(b, h * w, h * w, dtype=x.dtype), self.q(rows), self.k(rows).transpose(1, 2), beta=0, alpha=c ** -0.5)
        rows = self.out(scores.softmax(-1) @ self.v(rows))
        return x + rows.transpose(1, 2).reshape(b, c, h, w)


def spatial_decoder():
    layers = [nn.Conv2d(LATENT, LATENT, 1), nn.Conv2d(LATENT, 512, 3, padding=1)]
    layers += [spatial_residual(512, 512), PictureAttention(512), spatial_residual(512, 512)]
    inputs = 512
    for stage, outputs in enumerate((512, 512, 256, 128)):
        layers += [spatial_residual(inputs if j == 0 else outputs, outputs) for j in range(3)]
        if stage < 3:
            layers += [nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(outputs, outputs, 3, padding=1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.GroupNorm(32, 128, 1e-6), nn.SiLU(), nn.Conv2d(128, 3, 3, padding=1))


class Decoder:
    def __init__(self, dtype):
        self.temporal, self.spatial = temporal_decoder().to(dtype), spatial_decoder().to(dtype)

    def decode_time(self, latents, frames):
        parts, left = [], frames
        for first in range(0, latents.shape[2], MICRO_LATENTS):
            wanted = min(MICRO_FRAMES, left)
            parts.append(self.temporal(latents[:, :, first:first + MICRO_LATENTS])[:, :, -wanted % 4:])
            left -= wanted
        return torch.cat(parts, 2) / 0.18215

    def decode_pictures(self, latents):
        pictures = latents[0].transpose(0, 1).contiguous()
        return torch.cat([self.spatial(part) for part in pictures.split(PICTURES_AT_ONCE)])


def decode(size, dtype):
    width, height, frames = (int(part) for part in size.split("x"))
    chunks, rest = divmod(frames, MICRO_FRAMES)
    latents = torch.randn(1, LATENT, chunks * MICRO_LATENTS + -(-rest // 4), height // 8, width // 8).to(dtype)
    decoder = Decoder(dtype)

    def warm_up():
        """One latent frame and one picture show what all will take."""
        first = latents[:, :, :1]
        picture = decoder.decode_time(first, 1)
        decoder.decode_pictures(picture)
        temporal = seconds_of(lambda: decoder.decode_time(first, 1))
        return temporal * latents.shape[2] + seconds_of(lambda: decoder.decode_pictures(picture)) * frames

    return Work(lambda: decoder.decode_pictures(decoder.decode_time(latents, frames)), warm_up)
