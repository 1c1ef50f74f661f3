"""Stage 2 (and 4): the temporal autoencoder on cached spatial latents, with a pixel loss through the 2D decoder.

Stage 2 trains the temporal encoder and both decoders. Stage 4 (`--decoders`) keeps every encoder as it is, so
that a transformer trained meanwhile stays valid, and puts more noise on the latents: the decoders learn to
clean what the transformer draws.
"""
import argparse
import json

import numpy as np
import torch

from clips import SHARD, Clips, to_tensor
from models.video_vae import CHUNK, SPATIAL_FACTOR, VideoVae
from optimiser import Average, Optimiser
from progress import Run
from train_spatial import PULL, picture_loss, pixel_weights, psnr


class Chunks:
    """Random chunks of 17 frames: spatial latents, some of their pictures, weights of both."""

    def __init__(self, folder, shards):
        self.clips = Clips(folder)
        self.shards = {i: self.clips.load("spatial", i) for i in self.clips.available()[:shards]}

    def batch(self, rng, count, pictures):
        latents, images, covers, which = [], [], [], []
        keys = list(self.shards)
        for _ in range(count):
            shard, k, start = keys[rng.integers(len(keys))], int(rng.integers(SHARD)), CHUNK * int(rng.integers(2))
            latents.append(self.shards[shard][k, :, start:start + CHUNK])
            frames = np.sort(rng.choice(CHUNK, pictures, replace=False))
            video, covered = self.clips.draw(shard * SHARD + k, start + frames)
            images.append(to_tensor(video))
            covers.append(torch.from_numpy(covered))
            which.append(torch.from_numpy(frames))
        w = pixel_weights(torch.stack(covers)[:, :, None])[:, :, 0]
        return torch.stack(latents), torch.stack(images), w, torch.stack(which)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--spatial", required=True, help="checkpoint of train_spatial.py")
    a.add_argument("--folder", required=True, help="cache of clips.py")
    a.add_argument("--checkpoint", required=True)
    a.add_argument("--start", help="checkpoint of stage 2, for stage 4")
    a.add_argument("--decoders", action="store_true", help="stage 4: encoders frozen")
    a.add_argument("--noise", type=float, default=0.08)
    a.add_argument("--steps", type=int, default=4000)
    a.add_argument("--batch", type=int, default=8)
    a.add_argument("--pictures", type=int, default=2, help="frames of a chunk that are decoded to pixels")
    a.add_argument("--shards", type=int, default=120, help="at most so many shards of the cache")
    a.add_argument("--lr", type=float, default=0.02)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--device", default="cpu")
    a.add_argument("--seed", type=int, default=2)
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    model = VideoVae(json.load(open(a.config))["vae"])
    model.spatial.load_state_dict(torch.load(a.spatial, map_location="cpu")["model"])
    if a.start:
        model.load_state_dict(torch.load(a.start, map_location="cpu")["model"])
    model.to(a.device)
    model.requires_grad_(False)
    model.spatial.decoder.requires_grad_(True)
    model.spatial.post_quant_conv.requires_grad_(True)
    model.temporal_vae.requires_grad_(True)
    if a.decoders:
        model.temporal_vae.encoder.requires_grad_(False)
        model.temporal_vae.quant_conv.requires_grad_(False)
    spatial = ("spatial_vae",)
    temporal_opt = Optimiser([x for x in model.named_parameters() if not x[0].startswith(spatial)],
                             matrix_lr=a.lr, lr=0.1 * a.lr, plain=("conv_out", "conv_in", "quant"))
    spatial_opt = Optimiser([x for x in model.named_parameters() if x[0].startswith(spatial)],
                            matrix_lr=0.3 * a.lr, lr=0.03 * a.lr, plain=("conv_out", "conv_in", "quant"))
    average, run = Average(model, 0.998), Run(a.checkpoint, a.steps)
    state = run.load(a.device)
    if state:
        model.load_state_dict(state["raw"])
        temporal_opt.state, spatial_opt.state = state["temporal"], state["spatial"]
        average.values, average.steps = state["model"], run.step
    data = Chunks(a.folder, a.shards)
    unit = torch.stack([s for s in data.shards.values()]).std((0, 1, 3, 4, 5)).view(1, 4, 1, 1, 1).to(a.device)
    rng = np.random.default_rng([a.seed, run.step, 2])
    store = lambda: {"model": average.values, "raw": model.state_dict(), "temporal": temporal_opt.state,
                     "spatial": spatial_opt.state}
    while run.step < run.steps:
        s, x, w, which = (t.to(a.device) for t in data.batch(rng, a.batch, a.pictures))
        mean, _ = model.temporal_vae.encode(s)
        noise = a.noise if not a.decoders else a.noise * torch.rand(len(s), 1, 1, 1, 1, device=a.device) * model.scale
        r = model.temporal_vae.decode(mean + noise * torch.randn_like(mean), CHUNK)
        d = (r - s) / unit
        latent = d.abs().mean() + d.pow(2).mean()
        picked = torch.stack([r[i, :, f] for i, f in enumerate(which)]).transpose(1, 2)      # [n,p,4,8,8]
        y = model.spatial.decode(picked.flatten(0, 1) / SPATIAL_FACTOR)
        x, w = x.transpose(1, 2).flatten(0, 1), w.flatten(0, 1)[:, None]
        pixel = picture_loss(y, x, w)
        temporal_opt.zero_grad()
        spatial_opt.zero_grad()
        (pixel + 0.5 * latent + (0 if a.decoders else PULL) * mean.pow(2).mean()).backward()
        temporal_opt.step(run.rate(50, 0.4))
        spatial_opt.step(run.rate(50, 0.4))
        average.update(model)
        run.log(pixel=pixel, latent=d.pow(2).mean().sqrt(), psnr=psnr(y.detach(), x), std=mean.detach().std())
        run.save(store)
    run.save(store, force=True)


if __name__ == "__main__":
    main()
