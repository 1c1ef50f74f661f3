"""The procedural world: clips of simple shapes that move over simple backgrounds.

A clip is described by a Scene (a background and one or two Things) and drawn by `render`.
Everything that a sentence does not say (exact place, phase) varies only a little, so that a
small model can learn the world from a few thousand clips.
"""
from dataclasses import dataclass

import numpy as np

SIZE, FRAMES, FPS = 64, 34, 12
COLOURS = {"red": (220, 40, 40), "orange": (245, 140, 30), "yellow": (245, 220, 50), "green": (50, 180, 70),
           "blue": (50, 90, 230), "purple": (150, 60, 200), "pink": (245, 130, 190), "white": (245, 245, 245)}
SHAPES = ("circle", "square", "triangle", "star", "ring")
SIZES = {"small": 6.5, "": 9.5, "big": 13.0}
MOTIONS = ("left", "right", "up", "down", "bounce", "grow", "shrink", "still", "orbit")
BACKGROUNDS = ("black", "gray", "night", "sunset", "meadow", "sea", "desert")
TRAVEL, ORBIT, BOUNCES, GROWTH = 30.0, 14.0, 2, (0.55, 1.55)

_Y, _X = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) + 0.5


@dataclass(frozen=True)
class Thing:
    """`colour` is a name or, in training only, a mixture (see rgb)."""
    colour: object
    shape: str
    size: str
    motion: str


@dataclass(frozen=True)
class Scene:
    background: str
    things: tuple


def is_held_out(colour, shape):
    """Pairs of colour and shape that training never shows."""
    return (2 * list(COLOURS).index(colour) + SHAPES.index(shape)) % 13 == 0


def rgb(colour):
    """Red, green, blue of a name, or of a mixture: two names and the share of the second."""
    if isinstance(colour, str):
        return np.array(COLOURS[colour], np.float32)
    first, second, share = colour
    return (1 - share) * rgb(first) + share * rgb(second)


def random_thing(rng, held_out=False):
    """One thing; held_out selects the pairs kept out of training instead of the others."""
    while True:
        colour, shape = rng.choice(list(COLOURS)), rng.choice(SHAPES)
        if is_held_out(colour, shape) == held_out:
            break
    return Thing(str(colour), str(shape), str(rng.choice(list(SIZES))), str(rng.choice(MOTIONS)))


def random_scene(rng, two=0.2, held_out=False):
    things = [random_thing(rng, held_out)]
    if rng.random() < two:
        while True:
            other = random_thing(rng, held_out)
            if other.colour != things[0].colour:
                break
        things.append(other)
    return Scene(str(rng.choice(BACKGROUNDS)), tuple(things))


def _vertical(stops, horizon=None):
    """A gradient from stops[0] (top) to stops[1]; with a horizon, two flat bands with a soft edge."""
    top, bottom = (np.array(s, np.float32) for s in stops)
    v = _Y[:, :1] / SIZE if horizon is None else np.clip(_Y[:, :1] - horizon + 0.5, 0, 1)
    return np.repeat((top + (bottom - top) * v[..., None]), SIZE, axis=1)


def _night():
    image = _vertical([(10, 12, 40), (35, 40, 95)])
    rng = np.random.default_rng(7)
    for x, y, light in zip(rng.integers(1, SIZE - 1, 26), rng.integers(1, SIZE - 6, 26), rng.uniform(0.45, 0.95, 26)):
        image[y, x] += (np.array((250, 250, 235)) - image[y, x]) * light
    return image


_DRAWN = {
    "black": _vertical([(8, 8, 8), (8, 8, 8)]),
    "gray": _vertical([(125, 125, 125), (125, 125, 125)]),
    "night": _night(),
    "sunset": _vertical([(80, 40, 115), (240, 135, 85)]),
    "meadow": _vertical([(150, 200, 240), (70, 135, 60)], 36),
    "sea": _vertical([(190, 220, 240), (35, 95, 165)], 34),
    "desert": _vertical([(165, 205, 235), (222, 188, 130)], 38),
}


def background(name):
    """The picture [64,64,3], 0 to 255, as floats."""
    return _DRAWN[name]


def _polygon_distance(x, y, angles, radii):
    """Signed distance (negative inside) to a star-shaped polygon around the origin."""
    px, py = radii * np.cos(angles), radii * np.sin(angles)
    best = np.full(x.shape, 1e9, np.float32)
    inside = np.zeros(x.shape, bool)
    for i in range(len(px)):
        ax, ay = px[i], py[i]
        bx, by = px[(i + 1) % len(px)], py[(i + 1) % len(px)]
        ex, ey, wx, wy = bx - ax, by - ay, x - ax, y - ay
        u = np.clip((wx * ex + wy * ey) / (ex * ex + ey * ey + 1e-9), 0, 1)
        best = np.minimum(best, (wx - u * ex) ** 2 + (wy - u * ey) ** 2)
        crosses = (ay > y) != (by > y)
        inside ^= crosses & (x < ex * (y - ay) / (ey + (ey == 0)) + ax)
    return np.where(inside, -1, 1) * np.sqrt(best)


def coverage(shape, cx, cy, radius):
    """How much of every pixel the shape covers, 0 to 1."""
    x, y = (_X - cx) / radius, (_Y - cy) / radius
    if shape == "circle":
        d = np.hypot(x, y) - 1
    elif shape == "ring":
        d = np.abs(np.hypot(x, y) - 0.78) - 0.27
    elif shape == "square":
        d = np.maximum(np.abs(x), np.abs(y)) - 0.88
    elif shape == "triangle":
        d = _polygon_distance(x, y - 0.22, np.array([-90, 30, 150]) * np.pi / 180, np.full(3, 1.32))
    else:
        d = _polygon_distance(x, y, (-90 + 36 * np.arange(10)) * np.pi / 180, np.tile([1.28, 0.56], 5))
    return np.clip(0.5 - d * radius, 0, 1).astype(np.float32)


def path(thing, rng, slot=None):
    """Centre and radius by frame: three arrays of 34. `slot` is None, or 0 / 1 when two things share the clip."""
    s = np.linspace(0, 1, FRAMES)
    alone = slot is None
    radius = SIZES[thing.size] * (1.0 if alone else 0.8) * np.ones(FRAMES)
    cx = (32.0 if alone else (18.0, 46.0)[slot]) + rng.uniform(-2, 2)
    cy = 32.0 + rng.uniform(-2, 2)
    spread = (5.0 if alone else 2.0)
    m = thing.motion
    x, y = np.full(FRAMES, cx), np.full(FRAMES, cy)
    if m in ("left", "right"):
        x = cx + (1 if m == "right" else -1) * (TRAVEL if alone else 0.5 * TRAVEL) * (s - 0.5)
        y += rng.uniform(-spread, spread)
    elif m in ("up", "down"):
        y = cy + (1 if m == "down" else -1) * TRAVEL * (s - 0.5)
        x += rng.uniform(-spread, spread)
    elif m == "bounce":
        y = cy + 11 - 22 * np.abs(np.sin(np.pi * BOUNCES * s))
        x += rng.uniform(-spread, spread)
    elif m in ("grow", "shrink"):
        a, b = GROWTH if m == "grow" else GROWTH[::-1]
        radius = radius * (a + (b - a) * s)
    elif m == "orbit":
        angle = 2 * np.pi * s - np.pi / 2 + rng.uniform(-0.25, 0.25)
        r = ORBIT if alone else 0.6 * ORBIT
        x, y = cx + r * np.cos(angle), cy + r * np.sin(angle)
    else:
        x += rng.uniform(-spread, spread)
        y += rng.uniform(-spread, spread)
    return x, y, radius


def render(scene, rng, frames=None):
    """The clip [34,64,64,3] as bytes, and how much the things cover each pixel [34,64,64], 0 to 1.

    `frames` (indices) draws only those frames; the random draws are the same.
    """
    wanted = range(FRAMES) if frames is None else frames
    video = np.repeat(background(scene.background)[None], len(wanted), axis=0)
    covered = np.zeros(video.shape[:3], np.float32)
    for k, thing in enumerate(scene.things):
        x, y, radius = path(thing, rng, None if len(scene.things) == 1 else k)
        colour = rgb(thing.colour)
        previous = None
        for i, f in enumerate(wanted):
            where = (x[f], y[f], radius[f])
            if where != previous:
                alpha, previous = coverage(thing.shape, *where), where
            video[i] += (colour - video[i]) * alpha[..., None]
            covered[i] = np.maximum(covered[i], alpha)
    return np.clip(video + 0.5, 0, 255).astype(np.uint8), covered
