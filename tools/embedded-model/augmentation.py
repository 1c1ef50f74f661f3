"""Scenes for training: those of the world, and some whose things have a colour without a name.

Colours between the named ones teach that every shape can have every colour, so that pairs of colour and shape which
training never shows can still be drawn. A sentence says nothing about such a colour. A mixture is never drawn in a
shape that its nearest named colour must not have.
"""
import dataclasses

import numpy as np

import world

UNNAMED = 0.25          # share of the things
_NAMES = list(world.COLOURS)
_PALETTE = np.array([world.COLOURS[n] for n in _NAMES], np.float64)


def nearest_name(colour):
    return _NAMES[int(np.linalg.norm(_PALETTE - colour, axis=1).argmin())]


def mixed_colour(rng, shape):
    """Red, green, blue between two named colours."""
    while True:
        a, b = _PALETTE[rng.choice(len(_NAMES), 2, replace=False)]
        colour = a + (b - a) * rng.random()
        if not world.is_held_out(nearest_name(colour), shape):
            return tuple(float(v) for v in colour)


def training_scene(rng, two):
    scene = world.random_scene(rng, two)
    things = [dataclasses.replace(t, colour=mixed_colour(rng, t.shape)) if rng.random() < UNNAMED else t
              for t in scene.things]
    return world.Scene(scene.background, tuple(things))
