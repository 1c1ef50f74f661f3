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


@torch.no_grad()
def sample(model, y, y_null, lengths, sampling, guidance, noise, steps=None):
    """Latents [B,4,T,h,w] from noise of that shape; y and y_null [B,L,C]; `model` is an STDiT3."""
    h, w, f = sampling["height"], sampling["width"], sampling["num_frames"]
    n, b, z = steps or sampling["num_sampling_steps"], len(noise), noise
    t = 1 - torch.arange(n + 1) / n
    if sampling["use_timestep_transform"]:
        t = transform(t, ratio(h, w, f))
    both, two = torch.cat([y, y_null]), torch.cat([lengths, lengths])
    for i in range(n):
        time = torch.full((2 * b,), 1000 * float(t[i]), device=z.device)
        v = model(torch.cat([z, z]), time, both, two, sampling["fps"], h, w)[:, :4]
        c, u = v[:b], v[b:]
        z = z + (u + guidance * (c - u)) * float(t[i] - t[i + 1])
    return z
