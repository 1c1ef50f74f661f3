"""Rectified flow: times, noise, guided sampling (specification section 6)."""
import torch

LATENT_SHAPE = (4, 10, 8, 8)


def ratio(height, width, frames):
    return (height * width / 512 ** 2) ** 0.5 * max(1, frames // 17 * 5) ** 0.5


def transform(t, r):
    """Resolution-and-length transform of times in 0..1."""
    return r * t / (1 + (r - 1) * t)


def training_times(count, r, transformed, generator=None):
    """Times in 0..1 for a batch, spread evenly; a share of them transformed with ratio r."""
    u = (torch.randperm(count, generator=generator) + torch.rand(count, generator=generator)) / count
    return torch.where(torch.rand(count, generator=generator) < transformed, transform(u, r), u)


def guided(model, z, times, y, y_null, lengths, sampling, guidance):
    """The guided velocity of latents z [B,4,T,h,w] at `times` [B] (0..1); `model` is an STDiT3."""
    both = model(torch.cat([z, z]), 1000 * torch.cat([times, times]), torch.cat([y, y_null]), torch.cat([lengths, lengths]),
                 sampling["fps"], sampling["height"], sampling["width"])[:, :4]
    c, u = both.chunk(2)
    return u + guidance * (c - u)


@torch.no_grad()
def sample(model, y, y_null, lengths, sampling, guidance, noise, steps=None):
    """Latents [B,4,T,h,w] from noise of that shape; y and y_null [B,L,C]."""
    n, z = steps or sampling["num_sampling_steps"], noise
    t = 1 - torch.arange(n + 1) / n
    if sampling["use_timestep_transform"]:
        t = transform(t, ratio(sampling["height"], sampling["width"], sampling["num_frames"]))
    t = t.to(z.device)
    for i in range(n):
        z = z + guided(model, z, t[i].expand(len(z)), y, y_null, lengths, sampling, guidance) * (t[i] - t[i + 1])
    return z
