"""Checkpoints from a package, so that its training can go on: with more clips, other sentences or a larger vocabulary.

Writes `spatial.pt` and `vae.pt`, with which clips.py and latents.py fill caches, and `generator.pt`, the start of
train_transformer.py. Words that the package's tokenizer lacks get random embeddings of the usual length; what only
training uses (probes) begins anew.
"""
import argparse
import json
import os

import torch

from generator import Generator
from models.video_vae import VideoVae
from safetensors_io import load
from tokenizer import Tokenizer


def embeddings(known, before, now):
    """The rows [pieces of `now`, d_model] for the rows `known` of the tokenizer `before`."""
    generator = torch.Generator().manual_seed(1)
    rows = torch.randn(len(now.pieces), known.shape[1], generator=generator) * known.std()
    where = {piece: i for i, (piece, _, _) in enumerate(before.pieces)}
    for i, (piece, _, _) in enumerate(now.pieces):
        if piece in where:
            rows[i] = known[where[piece]]
    return rows


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--package", required=True)
    a.add_argument("--tokenizer", required=True, help="the vocabulary to go on with")
    a.add_argument("--out", required=True, help="a folder for the checkpoints")
    a = a.parse_args()
    config = json.load(open(a.config))
    part = lambda name: load(os.path.join(a.package, name + ".safetensors"))
    vae, model, text = VideoVae(config["vae"]), Generator(config), part("text_encoder")
    vae.load_state_dict(part("vae"))
    transformer = part("transformer")
    del transformer["rope.freqs"]
    model.transformer.load_state_dict(transformer)
    before = Tokenizer(os.path.join(a.package, "spiece.model"))
    text["shared.weight"] = embeddings(text["shared.weight"], before, Tokenizer(a.tokenizer))
    model.text.load_state_dict(text)
    os.makedirs(a.out, exist_ok=True)
    for name, module in (("spatial", vae.spatial), ("vae", vae), ("generator", model)):
        torch.save({"model": module.state_dict()}, os.path.join(a.out, name + ".pt"))


if __name__ == "__main__":
    main()
