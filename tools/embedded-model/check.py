"""Compares the modules with golden files, and the fused kernels with the plain ones (values and gradients).

    python check.py [--goldens FOLDER]
"""
import argparse
import json
import os

import torch

import kernels
from models.stdit3 import STDiT3
from models.t5 import T5Encoder
from models.video_vae import VideoVae
from safetensors_io import load


def goldens(folder):
    def case(path):
        info = json.load(open(os.path.join(folder, path + ".json")))
        data = load(os.path.join(folder, path + ".safetensors"))
        weights = load(os.path.join(folder, os.path.dirname(path), "tiny.weights.safetensors"))
        return info, data, weights

    with torch.no_grad():
        for name in ("even_t", "ragged_text", "odd_hw_pad"):
            info, d, weights = case("stdit3/" + name)
            model = STDiT3(**info["config"])
            missing = model.load_state_dict(weights, strict=False)
            lengths = d["in.mask"].sum(1).int()
            y = torch.zeros_like(d["in.y"][:, 0])
            for i, m in enumerate(d["in.mask"].bool()):
                y[i, :int(m.sum())] = d["in.y"][i, 0, m]
            out = model(d["in.x"], d["in.timestep"], y, lengths, d["in.fps"][0], float(d["in.height"][0]), float(d["in.width"][0]))
            print("stdit3", name, float((out - d["out.pred"]).abs().max()), missing)
        info, d, weights = case("t5/batch_padded")
        model = T5Encoder(info["config"])
        model.load_state_dict(weights, strict=False)
        out = model(d["in.input_ids"], d["in.attention_mask"])
        print("t5", float((out - d["out.last_hidden_state"]).abs().max()))
        for name in ("pipeline_encode_17_mean", "pipeline_decode_51_b2"):
            info, d, weights = case("vae/" + name)
            c = {**info["config"]["spatial"], "temporal": info["config"]["temporal"]}
            model = VideoVae(c)
            model.load_state_dict(weights)
            out = model.decode(d["in.z"], info["params"]["num_frames"]) if "decode" in name else \
                model.encode_temporal(model.encode_spatial(d["in.video"]))
            print("vae", name, float((out - d["out.video" if "decode" in name else "out.z"]).abs().max()))


def fused():
    torch.manual_seed(0)
    b, t, s, heads, d, length = 3, 10, 16, 4, 32, 20
    c = heads * d
    leaf = lambda *shape: torch.randn(*shape, requires_grad=True)
    angle = torch.rand(t, d // 2)
    lengths = torch.tensor([5, 17, 20], dtype=torch.int32)
    cases = {
        "ln_mod": (kernels.ln_mod, (leaf(b, t * s, c), leaf(b, c), leaf(b, c)), ()),
        "gate_add": (kernels.gate_add, (leaf(b, t * s, c), leaf(b, c), leaf(b, t * s, c)), ()),
        "gelu": (kernels.gelu, (leaf(b, t * s, c),), ()),
        "spatial": (kernels.self_attention, (leaf(b, t * s, 3 * c), leaf(d), leaf(d)), (angle.cos(), angle.sin(), (b, t, s, heads, False))),
        "temporal": (kernels.self_attention, (leaf(b, t * s, 3 * c), leaf(d), leaf(d)), (angle.cos(), angle.sin(), (b, t, s, heads, True))),
        "cross": (kernels.cross_attention, (leaf(b, t * s, c), leaf(b, length, 2 * c)), (lengths, heads)),
    }

    def run(f, leaves, rest):
        out = f(*leaves, *rest)
        torch.manual_seed(1)
        return [out.detach()] + list(torch.autograd.grad((out * torch.randn_like(out)).sum(), leaves))

    plain = {n: run(*c) for n, c in cases.items()}
    if kernels.use_fused(d):
        for n, c in cases.items():
            print("fused", n, max(float((x - y).abs().max() / y.abs().max()) for x, y in zip(run(*c), plain[n])))


if __name__ == "__main__":
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--goldens")
    a = a.parse_args()
    if a.goldens:
        goldens(a.goldens)
    fused()
