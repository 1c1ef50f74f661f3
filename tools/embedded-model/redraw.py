"""Stage 4a: clips as the transformer draws them.

Noise is added to the latents of known clips, up to a time at which their content is still there, and the transformer
removes it again. From these latents (`drawn`) the decoders learn what the transformer means.
"""
import argparse
import json

import numpy as np
import torch

import flow
import kernels
from augmentation import soft_caption
from clips import SHARD, Clips
from evaluate import load_generator
from tokenizer import Tokenizer
from train_transformer import read

LATEST, STEPS, BATCH = 0.5, 4, 10          # highest time; steps from there to the end; clips at once


@torch.no_grad()
def redraw(model, tokenizer, z, texts, sampling):
    """Latents z [B,4,T,h,w] with the details that the model gives them."""
    y, lengths = read(model, tokenizer, texts, 0, z.device)
    y_null, start = model.null(*y.shape[:2]), LATEST * torch.rand(len(z), device=z.device)
    scale = start.view(-1, 1, 1, 1, 1)
    z = (1 - scale) * z + scale * torch.randn_like(z)
    for k in range(STEPS):
        v = flow.guided(model.transformer, z, start * (1 - k / STEPS), y, y_null, lengths, sampling,
                        sampling["guidance_scale"])
        z = z + v * scale / STEPS
    return z


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--tokenizer", required=True)
    a.add_argument("--generator", required=True, help="checkpoint of train_transformer.py")
    a.add_argument("--folder", required=True, help="cache of clips.py and latents.py")
    a.add_argument("--count", type=int, default=60, help="number of shards")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--device", default="cpu")
    a.add_argument("--seed", type=int, default=4)
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    config, clips, tokenizer = json.load(open(a.config)), Clips(a.folder), Tokenizer(a.tokenizer)
    model = load_generator(a.generator, config).to(a.device)
    if a.device == "cpu":
        kernels.use_fused(config["transformer"]["hidden_size"] // config["transformer"]["num_heads"])
    for index in sorted(set(clips.available("latent")[:a.count]) - set(clips.available("drawn"))):
        torch.manual_seed(a.seed + index)
        rng, z = np.random.default_rng([a.seed, index]), clips.load("latent", index).to(a.device)
        texts = [soft_caption(clips.scene(index * SHARD + k)[0], rng) for k in range(SHARD)]
        clips.store("drawn", index, torch.cat([redraw(model, tokenizer, z[i:i + BATCH], texts[i:i + BATCH], config["sampling"])
                                               for i in range(0, SHARD, BATCH)]))
        print("shard", index, flush=True)


if __name__ == "__main__":
    main()
