"""Stage 3a: fixes the encoders and caches what the transformer learns.

Takes the autoencoder of stage 2, measures scale and shift of its latents by channel, fixes the posterior's
spread to a small constant, stores the result as `--vae`, and writes the normalised latents of every shard, and how
much of each place the things cover in the middle of every latent frame. Later runs only add shards that are new.
"""
import argparse
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

from clips import SHARD, Clips
from models.video_vae import VideoVae
from team import run_processes

SPREAD = -6.0          # log-variance of both posteriors: training used their means
MEASURED = 12          # shards from which scale and shift are measured
MIDDLES = np.array([0, 2, 6, 10, 14, 17, 19, 23, 27, 31])          # of the frames that a latent frame stands for


def fix(temporal, clips, config):
    """The state of the finished encoder side, from a stage 2 checkpoint."""
    vae = VideoVae(config)
    vae.load_state_dict(torch.load(temporal, map_location="cpu")["model"])
    with torch.no_grad():
        z = torch.cat([vae.encode_temporal(clips.load("spatial", i)) for i in clips.available()[:MEASURED]])
        vae.scale.copy_(z.std((0, 2, 3, 4)).view(1, 4, 1, 1, 1))
        vae.shift.copy_(z.mean((0, 2, 3, 4)).view(1, 4, 1, 1, 1))
        for conv in (vae.spatial.quant_conv, vae.temporal_vae.quant_conv.conv):
            conv.weight[4:] = 0
            conv.bias[4:] = SPREAD
    return vae.state_dict()


def covers(clips, index):
    """Coverage in bytes [50,10,32,32] of a shard, at half the resolution."""
    drawn = np.stack([clips.draw(index * SHARD + k, MIDDLES)[1] for k in range(SHARD)])
    return (255 * F.avg_pool2d(torch.from_numpy(drawn), 2)).round().byte()


def cache(part, a, vae):
    """Adds what is missing to every `workers`-th shard."""
    torch.set_num_threads(a.threads)
    clips, vae = Clips(a.folder), vae.to(a.device)
    for index in clips.available()[part::a.workers]:
        if not os.path.exists(clips.path("latent", index)):
            with torch.no_grad():
                clips.store("latent", index, vae.encode_temporal(clips.load("spatial", index).to(a.device)))
        if not os.path.exists(clips.path("cover", index)):
            clips.store("cover", index, covers(clips, index))


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--temporal", required=True, help="checkpoint of stage 2")
    a.add_argument("--folder", required=True)
    a.add_argument("--vae", required=True, help="written once, then kept")
    a.add_argument("--workers", type=int, default=1, help="processes")
    a.add_argument("--threads", type=int, default=1, help="threads of a process")
    a.add_argument("--device", default="cpu")
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    config = json.load(open(a.config))["vae"]
    if not os.path.exists(a.vae):
        torch.save({"model": fix(a.temporal, Clips(a.folder), config)}, a.vae)
    vae = VideoVae(config)
    vae.load_state_dict(torch.load(a.vae, map_location="cpu")["model"])
    print("scale", vae.scale.flatten().tolist(), "shift", vae.shift.flatten().tolist())
    run_processes(cache, a.workers, a, vae)


if __name__ == "__main__":
    main()
