"""Scenes for training: those of the world, and some whose things have a colour between two named ones.

Such a thing is told by both names: the text encoder reads the mixture of the two sentences' words in the same shares
(`soft_caption`). So colour becomes a quantity beside shape, and pairs of colour and shape that training never shows can
still be drawn. A mixture never has a shape that its nearest named colour must not have.
"""
import dataclasses
from typing import NamedTuple

import numpy as np

import world
from captions import phrases, roles, sentence

MIXED = 1 / 3          # share of the things
FREE = 0.6             # share of the sentences that are freely worded
_NAMES = list(world.COLOURS)
_PALETTE = np.array([world.COLOURS[n] for n in _NAMES], np.float64)


def nearest_name(rgb):
    return _NAMES[int(np.linalg.norm(_PALETTE - rgb, axis=1).argmin())]


def mixture(rng, shape, share):
    """A colour for `world.rgb`: two names and the share of the second."""
    while True:
        first, second = rng.choice(len(_NAMES), 2, replace=False)
        colour = (_NAMES[first], _NAMES[second], share)
        if not world.is_held_out(nearest_name(world.rgb(colour)), shape):
            return colour


def training_scene(rng, two):
    """All mixtures of a scene have the same share."""
    scene, share = world.random_scene(rng, two), float(rng.random())
    things = [dataclasses.replace(t, colour=mixture(rng, t.shape, share)) if rng.random() < MIXED else t
              for t in scene.things]
    return world.Scene(scene.background, tuple(things))


class SoftCaption(NamedTuple):
    """Two sentences that differ in the names of mixtures only, the share of the second, and the roles of their words."""
    first: str
    second: str
    share: float
    roles: list


def soft_caption(scene, rng, free=FREE):
    """Fresh sentences for a scene of training; `free` is the share of those that are freely worded."""
    ends, share, seed = [], 0.0, rng.integers(2 ** 63)
    freely = rng.random() < free
    for k in (0, 1):
        things = []
        for t in scene.things:
            if not isinstance(t.colour, str):
                share, t = t.colour[2], dataclasses.replace(t, colour=t.colour[k])
            things.append(t)
        ends.append(phrases(world.Scene(scene.background, tuple(things)), np.random.default_rng(seed), freely))
    return SoftCaption(*map(sentence, ends), share, roles(ends[0]))
