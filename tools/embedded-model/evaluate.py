"""Stage 4: samples unseen sentences, scores the clips, and can draw a contact sheet.

Without `--generator` it scores reconstructions of true clips instead (what the autoencoder alone loses).
"""
import argparse
import json

import numpy as np
import torch

import captions
import flow
import kernels
import score
import score_two
import world
from clips import to_tensor
from generator import Generator
from models.video_vae import VideoVae
from safetensors_io import load
from tokenizer import Tokenizer


def to_bytes(video):
    """[N,3,F,H,W] in [-1,1] -> [N,F,H,W,3] of bytes."""
    return ((video.clamp(-1, 1) + 1) * 127.5 + 0.5).clamp(0, 255).permute(0, 2, 3, 4, 1).to(torch.uint8).cpu().numpy()


def load_vae(path, config):
    vae = VideoVae(config["vae"])
    vae.load_state_dict(load(path) if path.endswith(".safetensors") else torch.load(path, map_location="cpu")["model"])
    return vae.eval()


def load_generator(path, config):
    model = Generator(config)
    model.load_state_dict(torch.load(path, map_location="cpu")["model"])
    return model.eval()


@torch.no_grad()
def generate(model, vae, tokenizer, texts, sampling, guidance, seed, steps=None, batch=8):
    """Clips of bytes [N,34,64,64,3] for sentences."""
    out = []
    noise = torch.randn(len(texts), *flow.LATENT_SHAPE, generator=torch.Generator().manual_seed(seed))
    for i in range(0, len(texts), batch):
        ids, mask, lengths = model.read(tokenizer, texts[i:i + batch], "cpu")
        y = model.text(ids, mask)
        z = flow.sample(model.transformer, y, model.null(*y.shape[:2]), lengths, sampling, guidance, noise[i:i + batch],
                        steps)
        out.append(to_bytes(vae.decode(z, sampling["num_frames"])))
    return np.concatenate(out)


def sheet(videos, path, frames=(0, 8, 16, 25, 33), columns=3):
    """Some frames of every clip side by side, clips in columns."""
    from PIL import Image
    strips = [np.concatenate([v[f] for f in frames], 1) for v in videos]
    strips += [np.zeros_like(strips[0])] * (-len(strips) % columns)
    pad = [np.pad(s, ((1, 1), (2, 2), (0, 0)), constant_values=255) for s in strips]
    rows = [np.concatenate(pad[i:i + columns], 1) for i in range(0, len(pad), columns)]
    Image.fromarray(np.concatenate(rows)).save(path)


def prompts(count, seed, held_out=False, two=False, free=False):
    """Scenes with one thing, or two, and a sentence each, in the usual words or freely worded."""
    rng = np.random.default_rng(seed)
    scenes = [world.random_scene(rng, int(two), held_out) for _ in range(count)]
    return scenes, [captions.caption(s, rng, free) for s in scenes]


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--vae", required=True)
    a.add_argument("--generator")
    a.add_argument("--tokenizer")
    a.add_argument("--count", type=int, default=32)
    a.add_argument("--guidance", type=float, nargs="+", default=[2.0])
    a.add_argument("--steps", type=int)
    a.add_argument("--held-out", action="store_true")
    a.add_argument("--two", action="store_true", help="sentences with two things")
    a.add_argument("--free", action="store_true", help="freely worded sentences")
    a.add_argument("--text", nargs="+", help="draw these sentences instead")
    a.add_argument("--sheet")
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--seed", type=int, default=1234)
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    config = json.load(open(a.config))
    vae = load_vae(a.vae, config)
    scenes, texts = prompts(a.count, a.seed, a.held_out, a.two, a.free)
    scorer = score_two if a.two else score
    if not a.generator:
        rng = np.random.default_rng(a.seed)
        true = [world.render(s, rng)[0] for s in scenes]
        with torch.no_grad():
            videos = np.concatenate([to_bytes(vae.decode(vae.encode_temporal(vae.encode_spatial(to_tensor(v)[None])),
                                                         world.FRAMES)) for v in true])
        error = ((videos.astype(np.float32) - np.stack(true)) ** 2).mean((1, 2, 3, 4))
        print("psnr", np.round(np.mean(-10 * np.log10(error / 255 ** 2)), 2))
        report(scorer, videos, scenes, a.sheet)
        return
    tokenizer, model = Tokenizer(a.tokenizer), load_generator(a.generator, config)
    kernels.use_fused(config["transformer"]["hidden_size"] // config["transformer"]["num_heads"])
    if a.text:
        texts, scenes = a.text, None
    for g in a.guidance:
        videos = generate(model, vae, tokenizer, texts, config["sampling"], g, a.seed, a.steps)
        print("guidance", g)
        report(scorer, videos, scenes, a.sheet, texts)


def report(scorer, videos, scenes, path, texts=None):
    found = [scorer.read(v) for v in videos]
    if path:
        sheet(videos, path)
    for i, f in enumerate(found[:None if scenes is None else 16]):
        print("  ", texts[i] if texts else scenes[i], "->", scorer.describe(f))
    if scenes is not None:
        results = [scorer.compare(f, s) for f, s in zip(found, scenes)]
        print("  ", {k: round(v, 3) for k, v in scorer.summary(results).items()}, flush=True)


if __name__ == "__main__":
    main()
