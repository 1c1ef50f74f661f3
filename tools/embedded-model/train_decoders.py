"""Stage 4: the decoders only, on latents with errors: true ones with noise, and those that the transformer has redrawn.

The encoders stay as they are, so the transformer stays valid. The decoders learn to clean what the transformer draws.
"""
import json

import torch

from models.video_vae import VideoVae
from train_temporal import LATENT, Decoders, arguments, reconstruction

NOISE, DRAWN = 0.25, 0.7          # highest noise on true latents; share of latents that are redrawn


def disturbed(true, drawn):
    """Normalised latents as the decoders will meet them."""
    some = lambda: torch.rand(len(true), 1, 1, 1, 1, device=true.device)
    return torch.where(some() < DRAWN, drawn, true + NOISE * some() * torch.randn_like(true))


def losses(model, unit, *batch):
    *chunk, true, drawn = batch
    pixel, latent, shown = reconstruction(model, disturbed(true, drawn) * model.scale + model.shift, *chunk, unit)
    return pixel + LATENT * latent, shown


def main():
    a = arguments(__doc__, 1500, 0.01)
    a.add_argument("--start", required=True, help="the autoencoder that latents.py has written")
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    model = VideoVae(json.load(open(a.config))["vae"])
    model.load_state_dict(torch.load(a.start, map_location="cpu")["model"])
    Decoders(model, a, encoder=False).train(losses, ("latent", "drawn"))


if __name__ == "__main__":
    main()
