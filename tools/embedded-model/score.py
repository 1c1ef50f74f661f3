"""The scorer: reads background, colour, shape, size and motion of one thing from the frames alone.

    python score.py --clips 200       # validates the scorer on clips that the world draws
"""
import argparse

import numpy as np

import world

NAMES = list(world.COLOURS)
PALETTE = np.array([world.COLOURS[c] for c in NAMES], np.float32)


def _near_background(name):
    """The background and its eight shifts by a pixel: edges and stars may move a little."""
    b = np.pad(world.background(name), ((1, 1), (1, 1), (0, 0)), "edge")
    return np.stack([b[i:i + world.SIZE, j:j + world.SIZE] for i in range(3) for j in range(3)])


_NEAR = {name: _near_background(name) for name in world.BACKGROUNDS}


def _difference(video, name):
    """Distance of every pixel [F,H,W] to the nearest shift of a background."""
    return np.min([np.linalg.norm(video - b, axis=-1) for b in _NEAR[name]], axis=0)


def _quick_difference(video, name):
    return np.linalg.norm(video - world.background(name), axis=-1)


def read_background(video):
    share = {n: np.mean(_quick_difference(video[::4], n) < 40) for n in world.BACKGROUNDS}
    return max(share, key=share.get)


def templates(slot=None):
    """Path of each motion, relative to its mean: x, y, log radius, each [34]; `slot` as in world.path."""
    out = {}
    for m in world.MOTIONS:
        draws = [world.path(world.Thing("red", "circle", "", m), np.random.default_rng(i), slot) for i in range(8)]
        x, y, r = (np.mean([d[k] for d in draws], 0) for k in range(3))
        out[m] = (x - x.mean(), y - y.mean(), np.log(r) - np.log(r).mean())
    return out


_PATHS = templates()


def read_motion(x, y, area, seen, paths=_PATHS):
    """The motion whose path is nearest, over the frames where something is seen."""
    r = 0.5 * np.log(area[seen])
    distance = {}
    for m, (tx, ty, tr) in paths.items():
        off = lambda v, t: (v - v.mean()) - (t[seen] - t[seen].mean())
        distance[m] = np.mean(off(x[seen], tx) ** 2 + off(y[seen], ty) ** 2) + 300 * np.mean(off(r, tr) ** 2)
    return min(distance, key=distance.get)


def _shape_facts():
    facts = {}
    for s in world.SHAPES:
        a = world.coverage(s, 32, 32, 16.0)
        facts[s] = (a.sum() / 256.0, ((a * world._X).sum() / a.sum() - 32) / 16, ((a * world._Y).sum() / a.sum() - 32) / 16)
    return facts


_SHAPES = _shape_facts()


def read_shape(alpha, x, y, area, frames):
    """Mean overlap with every shape drawn at the same place and size."""
    overlap = dict.fromkeys(world.SHAPES, 0.0)
    for f in frames:
        for s, (unit, ox, oy) in _SHAPES.items():
            r = np.sqrt(area[f] / unit)
            best = 0.0
            for k in (0.92, 1.0, 1.1):
                t = world.coverage(s, x[f] - ox * r, y[f] - oy * r, r * k)
                best = max(best, np.minimum(t, alpha[f]).sum() / np.maximum(t, alpha[f]).sum())
            overlap[s] += best / len(frames)
    return max(overlap, key=overlap.get), max(overlap.values())


def cover(video, name, colour, where):
    """How much of every pixel [F,H,W] has a colour of the palette, 0 to 1; nothing outside `where`."""
    way = PALETTE[colour] - world.background(name)
    alpha = np.clip(((video - world.background(name)) * way).sum(-1) / (way * way).sum(-1), 0, 1)
    return np.where(where & (alpha > 0.3), alpha, 0)


def place(alpha):
    """Area and centre by frame."""
    area = alpha.sum((1, 2))
    safe = np.maximum(area, 1e-3)
    return area, (alpha * world._X).sum((1, 2)) / safe, (alpha * world._Y).sum((1, 2)) / safe


def read(video):
    """What is seen in a clip [F,H,W,3] of bytes: a dictionary, with None where nothing is found."""
    video = video.astype(np.float32)
    name = read_background(video)
    found = {"background": name, "colour": None, "shape": None, "size": None, "motion": None}
    difference = _difference(video, name)
    mask = difference > 45
    if mask.sum() < 10 * len(video):
        return found
    core = difference >= np.quantile(difference[mask], 0.4)
    votes = np.argmin(np.linalg.norm(video[core][:, None] - PALETTE, axis=-1), axis=1)
    count = np.bincount(votes, minlength=len(NAMES))
    colour = int(count.argmax())
    found["colour"] = NAMES[colour]
    found["colours"] = {NAMES[i] for i in np.flatnonzero(count > 0.2 * count.sum())}
    alpha = cover(video, name, colour, mask | (difference > 25))
    area, x, y = place(alpha)
    seen = area > 12
    if seen.sum() < 8:
        return found
    safe = np.maximum(area, 1e-3)
    found["motion"] = read_motion(x, y, area, seen)
    order = np.argsort(-area)
    found["shape"], found["overlap"] = read_shape(alpha, x, y, safe, order[:17:2])
    unit = _SHAPES[found["shape"]][0]
    radius = np.sqrt(area[seen] / unit).mean() / (1.05 if found["motion"] in ("grow", "shrink") else 1)
    found["size"] = min(world.SIZES, key=lambda s: abs(world.SIZES[s] - radius))
    return found


ASPECTS = ("background", "colour", "shape", "size", "motion")


def describe(found):
    return {k: found[k] for k in ASPECTS}


def compare(found, scene):
    """True or False by aspect, for a scene with one thing."""
    thing = scene.things[0]
    wanted = {"background": scene.background, "colour": thing.colour, "shape": thing.shape, "size": thing.size,
              "motion": thing.motion}
    return {k: found[k] == wanted[k] for k in ASPECTS}


def summary(results):
    """Share of right answers by aspect, and of clips where everything but the size is right."""
    n = max(1, len(results))
    out = {k: sum(r[k] for r in results) / n for k in ASPECTS}
    out["all four"] = sum(all(r[k] for k in ("background", "colour", "shape", "motion")) for r in results) / n
    return out


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--clips", type=int, default=200)
    a.add_argument("--seed", type=int, default=99)
    a = a.parse_args()
    rng, results = np.random.default_rng(a.seed), []
    for _ in range(a.clips):
        scene = world.random_scene(rng, two=0)
        found = read(world.render(scene, rng)[0])
        results.append(compare(found, scene))
        wrong = [k for k, v in results[-1].items() if not v]
        if wrong:
            print(scene, {k: found[k] for k in wrong})
    print({k: round(v, 3) for k, v in summary(results).items()})


if __name__ == "__main__":
    main()
