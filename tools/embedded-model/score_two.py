"""The scorer of clips with two things: background, and colour, shape and motion of both.

    python score_two.py --clips 100       # validates it on clips that the world draws
"""
import argparse

import numpy as np

import score
import world

_PATHS = [score.templates(slot) for slot in (0, 1)]
ASPECTS = ("background", "colour", "shape", "motion")
PURE = 40          # a pixel this near to a colour is no mixture


def read(video):
    """A dictionary: the background, and the things from left to right as dictionaries."""
    video = video.astype(np.float32)
    name = score.read_background(video)
    difference = score._difference(video, name)
    mask = difference > 45
    found = {"background": name, "things": []}
    if mask.sum() < 20 * len(video):
        return found
    away = np.linalg.norm(video[mask][:, None] - score.PALETTE, axis=-1)
    votes = away.argmin(1)[away.min(1) < PURE]
    colours = np.argsort(-np.bincount(votes, minlength=len(score.NAMES)))[:2]
    near = np.argmin([off_mixture(video, name, c) for c in colours], axis=0)
    things = [read_thing(video, name, c, (mask | (difference > 25)) & (near == k)) for k, c in enumerate(colours)]
    found["things"] = sorted((t for t in things if t), key=lambda t: t["x"])
    for slot, t in enumerate(found["things"]):
        t["motion"] = score.read_motion(*t.pop("path"), _PATHS[slot])
    return found


def off_mixture(video, name, colour):
    """How far every pixel is from the nearest mixture of a colour and the background."""
    behind = world.background(name)
    way = score.PALETTE[colour] - behind
    share = np.clip(((video - behind) * way).sum(-1) / (way * way).sum(-1), 0, 1)
    return np.linalg.norm(video - behind - share[..., None] * way, axis=-1)


def read_thing(video, name, colour, where):
    """Colour, shape and path of one thing; None where too little is seen."""
    alpha = score.cover(video, name, colour, where)
    area, x, y = score.place(alpha)
    seen = area > 8
    if seen.sum() < 8:
        return None
    order = np.argsort(-area)
    shape, _ = score.read_shape(alpha, x, y, np.maximum(area, 1e-3), order[:17:2])
    return {"colour": score.NAMES[colour], "shape": shape, "x": np.median(x[seen]), "path": (x, y, area, seen)}


def describe(found):
    return [found["background"]] + [" ".join(t[k] for k in ASPECTS[1:]) for t in found["things"]]


def compare(found, scene):
    """Share of right answers by aspect, for a scene with two things."""
    pairs = list(zip(found["things"], scene.things)) if len(found["things"]) == 2 else []
    right = {k: sum(f[k] == getattr(t, k) for f, t in pairs) / 2 for k in ASPECTS[1:]}
    return {"background": float(found["background"] == scene.background), **right}


def summary(results):
    return {k: sum(r[k] for r in results) / max(1, len(results)) for k in ASPECTS}


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--clips", type=int, default=100)
    a.add_argument("--seed", type=int, default=99)
    a = a.parse_args()
    rng, results = np.random.default_rng(a.seed), []
    for _ in range(a.clips):
        scene = world.random_scene(rng, two=1)
        results.append(compare(read(world.render(scene, rng)[0]), scene))
    print({k: round(v, 3) for k, v in summary(results).items()})


if __name__ == "__main__":
    main()
