"""Stage 3a: fixes the encoders and caches what the transformer learns.

Takes the autoencoder of stage 2, measures scale and shift of its latents by channel, fixes the posterior's
spread to a small constant, stores the result as `--vae`, and writes the normalised latents of every shard.
Later runs only add shards that are new.
"""
import argparse
import json
import os

import torch

import clips
from models.video_vae import VideoVae

SPREAD = -6.0          # log-variance of both posteriors: training used their means


def fix(temporal, folder, config):
    """The state of the finished encoder side, from a stage 2 checkpoint."""
    vae = VideoVae(config)
    vae.load_state_dict(torch.load(temporal, map_location="cpu")["model"])
    with torch.no_grad():
        z = torch.cat([vae.encode_temporal(clips.load_shard(folder, i)) for i in clips.available(folder)[:12]])
        vae.scale.copy_(z.std((0, 2, 3, 4)).view(1, 4, 1, 1, 1))
        vae.shift.copy_(z.mean((0, 2, 3, 4)).view(1, 4, 1, 1, 1))
        for conv in (vae.spatial.quant_conv, vae.temporal_vae.quant_conv.conv):
            conv.weight[4:] = 0
            conv.bias[4:] = SPREAD
    return vae.state_dict()


def latent_path(folder, index):
    return os.path.join(folder, f"latent_{index:05d}.pt")


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--temporal", required=True, help="checkpoint of stage 2")
    a.add_argument("--folder", required=True)
    a.add_argument("--vae", required=True, help="written once, then kept")
    a.add_argument("--threads", type=int, default=2)
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    config = json.load(open(a.config))["vae"]
    if not os.path.exists(a.vae):
        torch.save({"model": fix(a.temporal, a.folder, config)}, a.vae)
    vae = VideoVae(config)
    vae.load_state_dict(torch.load(a.vae)["model"])
    print("scale", vae.scale.flatten().tolist(), "shift", vae.shift.flatten().tolist())
    for index in clips.available(a.folder):
        path = latent_path(a.folder, index)
        if not os.path.exists(path):
            with torch.no_grad():
                z = vae.encode_temporal(clips.load_shard(a.folder, index))
            torch.save(z, path + ".tmp")
            os.replace(path + ".tmp", path)


if __name__ == "__main__":
    main()
