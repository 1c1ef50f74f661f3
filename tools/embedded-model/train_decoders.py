"""Stage 4: the decoders only, on latents with errors: true ones with noise, and those that the transformer has redrawn.

The encoders stay as they are, so the transformer stays valid. The decoders learn to clean what the transformer draws.
"""
import json

import numpy as np
import torch

from chunks import Chunks
from models.video_vae import VideoVae
from progress import Run
from train_temporal import LATENT, Decoders, arguments, reconstruction

NOISE, DRAWN = 0.25, 0.7          # highest noise on true latents; share of latents that are redrawn


def disturbed(true, drawn):
    """Normalised latents as the decoders will meet them."""
    some = lambda: torch.rand(len(true), 1, 1, 1, 1, device=true.device)
    return torch.where(some() < DRAWN, drawn, true + NOISE * some() * torch.randn_like(true))


def main():
    a = arguments(__doc__, 1500, 0.01)
    a.add_argument("--start", required=True, help="the autoencoder that latents.py has written")
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    model = VideoVae(json.load(open(a.config))["vae"])
    model.load_state_dict(torch.load(a.start, map_location="cpu")["model"])
    model.to(a.device)
    training, run = Decoders(model, a.lr, encoder=False), Run(a.checkpoint, a.steps)
    state = run.load(a.device)
    if state:
        training.restore(state, run.step)
    data = Chunks(a.folder, a.shards, ("latent", "drawn"))
    unit = data.spread().to(a.device)
    rng = np.random.default_rng([a.seed, run.step, 4])
    while run.step < run.steps:
        *batch, true, drawn = (t.to(a.device) for t in data.batch(rng, a.batch, a.pictures))
        pixel, latent, shown = reconstruction(model, disturbed(true, drawn) * model.scale + model.shift, *batch, unit)
        training.step(pixel + LATENT * latent, run.rate(50, 0.4))
        run.log(**shown)
        run.save(training.state, force=run.step == run.steps)


if __name__ == "__main__":
    main()
