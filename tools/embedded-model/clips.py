"""The cache of clips: clip number i of a seed is always the same scene, drawn the same way.

A shard holds the spatial latents of 50 clips; with `--temporal` it also gets the normalised latents that the
transformer learns. Scenes are not stored: they follow from (seed, number).
"""
import argparse
import glob
import json
import os

import numpy as np
import torch

import world
from models.video_vae import VideoVae

SHARD, TWO = 50, 0.12


def scene_of(seed, number, held_out=False):
    """The scene of a clip and the generator that draws it."""
    rng = np.random.default_rng([seed, number])
    return world.random_scene(rng, TWO, held_out), rng


def draw(seed, number, frames=None, held_out=False):
    """Frames as bytes and coverage, see world.render."""
    scene, rng = scene_of(seed, number, held_out)
    return world.render(scene, rng, frames)


def to_tensor(video):
    """Bytes [...,F,H,W,3] -> floats [...,3,F,H,W] in [-1,1]."""
    return torch.from_numpy(video).movedim(-1, -4).float() / 127.5 - 1


def shard_path(folder, index):
    return os.path.join(folder, f"spatial_{index:05d}.pt")


def available(folder):
    """Numbers of the shards that are complete."""
    return sorted(int(p[-8:-3]) for p in glob.glob(os.path.join(folder, "spatial_*.pt")))


def load_shard(folder, index):
    """Spatial latents [50,4,34,8,8]."""
    return torch.load(shard_path(folder, index)).float()


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--spatial", required=True, help="checkpoint of train_spatial.py")
    a.add_argument("--folder", required=True)
    a.add_argument("--first", type=int, default=0, help="first shard")
    a.add_argument("--count", type=int, default=20, help="number of shards")
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--seed", type=int, default=11)
    a.add_argument("--held-out", action="store_true", help="only the pairs that training never shows")
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    os.makedirs(a.folder, exist_ok=True)
    vae = VideoVae(json.load(open(a.config))["vae"])
    vae.spatial.load_state_dict(torch.load(a.spatial, map_location="cpu")["model"])
    for index in range(a.first, a.first + a.count):
        path = shard_path(a.folder, index)
        if os.path.exists(path):
            continue
        parts = []
        for number in range(index * SHARD, (index + 1) * SHARD):
            video = to_tensor(draw(a.seed, number, held_out=a.held_out)[0])[None]
            with torch.no_grad():
                parts.append(vae.encode_spatial(video).half())
        torch.save(torch.cat(parts), path + ".tmp")
        os.replace(path + ".tmp", path)
        print("shard", index, flush=True)


if __name__ == "__main__":
    main()
