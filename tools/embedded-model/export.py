"""Stage 5: writes the package that the library loads. Every file is renamed into place when it is complete."""
import argparse
import json
import os

import torch

from generator import Generator
from models.video_vae import VideoVae
from safetensors_io import save


def write(path, data):
    with open(path + ".tmp", "wb") as f:
        f.write(data)
    os.replace(path + ".tmp", path)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--tokenizer", required=True)
    a.add_argument("--vae", required=True)
    a.add_argument("--generator", required=True)
    a.add_argument("--out", required=True)
    a.add_argument("--guidance", type=float, help="replaces the default of the config")
    a = a.parse_args()
    config = json.load(open(a.config))
    vae, model = VideoVae(config["vae"]), Generator(config)
    vae.load_state_dict(torch.load(a.vae, map_location="cpu")["model"])
    model.load_state_dict(torch.load(a.generator, map_location="cpu")["model"])
    config["vae"]["scale"] = [round(v, 7) for v in vae.scale.flatten().tolist()]
    config["vae"]["shift"] = [round(v, 7) for v in vae.shift.flatten().tolist()]
    if a.guidance is not None:
        config["sampling"]["guidance_scale"] = a.guidance
    d = config["transformer"]["hidden_size"] // config["transformer"]["num_heads"]
    transformer = model.transformer.state_dict()
    transformer["rope.freqs"] = 10000.0 ** (-2 * torch.arange(d // 2).double() / d)
    os.makedirs(a.out, exist_ok=True)
    at = lambda name: os.path.join(a.out, name)
    save(at("vae.safetensors"), vae.state_dict())
    save(at("transformer.safetensors"), transformer)
    save(at("text_encoder.safetensors"), model.text.state_dict())
    write(at("spiece.model"), open(a.tokenizer, "rb").read())
    write(at("config.json"), (json.dumps(config, indent=1) + "\n").encode())
    print({n: sum(v.numel() for v in m.state_dict().values()) for n, m in
           (("vae", vae), ("transformer", model.transformer), ("text_encoder", model.text))})


if __name__ == "__main__":
    main()
