"""The cache of clips: clip number i of a seed is always the same scene, drawn the same way.

A shard holds the spatial latents of 50 clips; `latents.py` adds the normalised latents that the transformer learns, and
what the things cover.
Scenes are not stored: they follow from what `clips.json` says (seed, kind of scenes, share of two things) and from the number.
"""
import argparse
import glob
import json
import os

import numpy as np
import torch

import world
from augmentation import training_scene
from models.video_vae import VideoVae
from team import run_processes

SHARD = 50
KINDS = {
    "training": training_scene,
    "world": world.random_scene,
    "held-out": lambda rng, two: world.random_scene(rng, two, held_out=True),
}


class Clips:
    """A folder of shards."""

    def __init__(self, folder):
        self.folder = folder
        about = json.load(open(os.path.join(folder, "clips.json")))
        self.seed, self.kind, self.two = about["seed"], about["scenes"], about["two"]

    @staticmethod
    def create(folder, seed, kind, two):
        """The folder of that name; one that exists must hold the same clips."""
        os.makedirs(folder, exist_ok=True)
        path, about = os.path.join(folder, "clips.json"), {"seed": seed, "scenes": kind, "two": two}
        if not os.path.exists(path):
            json.dump(about, open(path, "w"))
        if json.load(open(path)) != about:
            raise SystemExit(f"{folder} holds other clips: {open(path).read()}")
        return Clips(folder)

    def scene(self, number):
        """The scene of a clip and the generator that draws it."""
        rng = np.random.default_rng([self.seed, number])
        return KINDS[self.kind](rng, self.two), rng

    def draw(self, number, frames=None):
        """Frames as bytes and coverage, see world.render."""
        scene, rng = self.scene(number)
        return world.render(scene, rng, frames)

    def path(self, name, index):
        return os.path.join(self.folder, f"{name}_{index:05d}.pt")

    def available(self, name="spatial"):
        """Numbers of the shards that are complete."""
        return sorted(int(p[-8:-3]) for p in glob.glob(os.path.join(self.folder, name + "_?????.pt")))

    def load(self, name, index):
        """`spatial`: [50,4,34,8,8]; `latent`: [50,4,10,8,8]; `cover`: bytes [50,10,32,32]."""
        values = torch.load(self.path(name, index), map_location="cpu")
        return values.float() if values.is_floating_point() else values

    def store(self, name, index, values):
        path = self.path(name, index)
        own = f"{path}.{os.getpid()}"
        torch.save((values.half() if values.is_floating_point() else values).cpu(), own)
        os.replace(own, path)


def to_tensor(video):
    """Bytes [...,F,H,W,3] -> floats [...,3,F,H,W] in [-1,1]."""
    return torch.from_numpy(video).movedim(-1, -4).float() / 127.5 - 1


def encode(part, a):
    """Draws and encodes every `workers`-th missing shard."""
    torch.set_num_threads(a.threads)
    clips = Clips(a.folder)
    vae = VideoVae(json.load(open(a.config))["vae"])
    vae.spatial.load_state_dict(torch.load(a.spatial, map_location="cpu")["model"])
    vae.to(a.device)
    missing = sorted(set(range(a.count)) - set(clips.available()))
    for index in missing[part::a.workers]:
        if os.path.exists(clips.path("spatial", index)):          # another process has drawn it meanwhile
            continue
        parts = []
        for number in range(index * SHARD, (index + 1) * SHARD):
            with torch.no_grad():
                parts.append(vae.encode_spatial(to_tensor(clips.draw(number)[0])[None].to(a.device)))
        clips.store("spatial", index, torch.cat(parts))
        print("shard", index, flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--spatial", required=True, help="checkpoint of train_spatial.py")
    a.add_argument("--folder", required=True)
    a.add_argument("--count", type=int, default=20, help="number of shards; those that are there are kept")
    a.add_argument("--scenes", choices=KINDS, default="training")
    a.add_argument("--two", type=float, default=0.2, help="share of clips with two things")
    a.add_argument("--workers", type=int, default=2, help="processes")
    a.add_argument("--threads", type=int, default=1, help="threads of a process")
    a.add_argument("--device", default="cpu")
    a.add_argument("--seed", type=int, default=11)
    a = a.parse_args()
    Clips.create(a.folder, a.seed, a.scenes, a.two)
    run_processes(encode, a.workers, a)


if __name__ == "__main__":
    main()
