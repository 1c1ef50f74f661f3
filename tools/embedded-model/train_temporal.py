"""Stage 2: the temporal autoencoder on cached spatial latents, and the 2D decoder, with a loss on pixels."""
import argparse
import json

import numpy as np
import torch

from chunks import Chunks
from models.video_vae import CHUNK, SPATIAL_FACTOR, VideoVae
from optimiser import Average, Optimiser
from progress import Run
from team import Team
from train_spatial import PULL, picture_loss, psnr

NOISE, LATENT = 0.08, 0.5          # noise on the latents; weight of the loss on spatial latents


def losses(model, spatial, images, weights, which, unit):
    """The loss of coding spatial latents [n,4,17,8,8] there and back, and what the log shows."""
    mean, _ = model.temporal_vae.encode(spatial)
    r = model.temporal_vae.decode(mean + NOISE * torch.randn_like(mean), CHUNK)
    d = (r - spatial) / unit
    picked = torch.stack([r[i, :, f] for i, f in enumerate(which)]).transpose(1, 2)      # [n,p,4,8,8]
    y = model.spatial.decode(picked.flatten(0, 1) / SPATIAL_FACTOR)
    x, w = images.transpose(1, 2).flatten(0, 1), weights.flatten(0, 1)[:, None]
    pixel = picture_loss(y, x, w)
    loss = pixel + LATENT * (d.abs().mean() + d.pow(2).mean()) + PULL * mean.pow(2).mean()
    return loss, {"pixel": pixel.detach(), "latent": d.detach().pow(2).mean().sqrt(), "psnr": psnr(y.detach(), x),
                  "std": mean.detach().std()}


class Training:
    """The training of a video autoencoder whose 2D encoder is finished."""

    def __init__(self, model, a):
        self.model, self.a = model.to(a.device), a
        model.requires_grad_(False)
        for part in (model.spatial.decoder, model.spatial.post_quant_conv, model.temporal_vae):
            part.requires_grad_(True)
        is_spatial = lambda name: name.startswith("spatial_vae")
        plain = ("conv_out", "conv_in", "quant")
        self.parts = [
            Optimiser([p for p in model.named_parameters() if not is_spatial(p[0])], a.lr, 0.1 * a.lr, plain=plain),
            Optimiser([p for p in model.named_parameters() if is_spatial(p[0])], 0.3 * a.lr, 0.03 * a.lr, plain=plain)]
        self.average = Average(model, 0.998)
        self.run = Run(a.checkpoint, a.steps, processes=a.workers)
        state = self.run.load(a.device)
        if state:
            self.restore(state)

    def restore(self, state):
        self.model.load_state_dict(state["raw"])
        for part, stored in zip(self.parts, state["optimisers"]):
            part.state = stored
        self.average.values, self.average.steps = state["model"], self.run.step

    def state(self):
        return {"model": self.average.values, "raw": self.model.state_dict(), "optimisers": [p.state for p in self.parts]}

    def train(self):
        for part in self.parts:
            part.share_memory()
        team = Team(self.model, self.a.workers)
        team.start(self.work, team, Chunks(self.a.folder, self.a.shards))

    def work(self, rank, team, data):
        """The loop of one process; the first one also averages and saves."""
        a, run, first = self.a, self.run, rank == 0
        torch.set_num_threads(a.threads)
        torch.manual_seed(1000 * a.seed + 10 * run.step + rank)
        rng = np.random.default_rng([a.seed, run.step, rank])
        unit = data.spread().to(a.device)
        team.join(rank)
        while run.step < run.steps:
            batch = [t.to(a.device) for t in data.batch(rng, a.batch // a.workers, a.pictures)]
            loss, shown = losses(self.model, *batch, unit)
            team.clear()
            loss.backward()
            team.average()
            for part in self.parts:
                part.step(run.rate(50, 0.4), part=rank, parts=a.workers)
            team.wait()
            run.log(first, **shown)
            if first:
                self.average.update(self.model)
                run.save(self.state, force=run.step == run.steps)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--spatial", required=True, help="checkpoint of train_spatial.py")
    a.add_argument("--folder", required=True, help="cache of clips.py")
    a.add_argument("--checkpoint", required=True)
    a.add_argument("--steps", type=int, default=1600)
    a.add_argument("--batch", type=int, default=8, help="chunks of all workers together")
    a.add_argument("--pictures", type=int, default=2, help="frames of a chunk that are decoded to pixels")
    a.add_argument("--shards", type=int, default=60, help="at most so many shards of the cache")
    a.add_argument("--lr", type=float, default=0.02)
    a.add_argument("--workers", type=int, default=1, help="processes that share the work of every step")
    a.add_argument("--threads", type=int, default=1, help="threads of a worker")
    a.add_argument("--device", default="cpu")
    a.add_argument("--seed", type=int, default=2)
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    model = VideoVae(json.load(open(a.config))["vae"])
    model.spatial.load_state_dict(torch.load(a.spatial, map_location="cpu")["model"])
    Training(model, a).train()


if __name__ == "__main__":
    main()
