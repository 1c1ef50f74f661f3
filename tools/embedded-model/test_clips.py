"""Draws the clips on which the C# scorer is tested.

    python test_clips.py ../../tests/OnDeviceSora.Evaluation.Tests/World

clips.json says what each clip shows and where the thing is in every frame (x, y, radius); clips.bin.gz holds the
frames [N,34,64,64,3] as bytes.
"""
import gzip
import json
import sys

import numpy as np

import world

COUNT, SEED = 32, 2024


def clip(number):
    """Clip and description; every background, colour, shape and motion comes up several times."""
    rng = np.random.default_rng([SEED, number])
    background = world.BACKGROUNDS[number % len(world.BACKGROUNDS)]
    thing = world.Thing(list(world.COLOURS)[number % len(world.COLOURS)], world.SHAPES[number % len(world.SHAPES)],
                        list(world.SIZES)[number % len(world.SIZES)], world.MOTIONS[number % len(world.MOTIONS)])
    state = rng.bit_generator.state
    places = np.stack(world.path(thing, rng), 1)
    rng.bit_generator.state = state
    video, _ = world.render(world.Scene(background, (thing,)), rng)
    return video, {"background": background, "colour": thing.colour, "figure": thing.shape, "size": thing.size or "usual",
                   "motion": thing.motion, "places": np.round(places, 6).tolist()}


def main():
    clips = [clip(number) for number in range(COUNT)]
    with open(f"{sys.argv[1]}/clips.json", "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(description) for _, description in clips) + "\n]\n")
    with open(f"{sys.argv[1]}/clips.bin.gz", "wb") as f:
        f.write(gzip.compress(np.stack([video for video, _ in clips]).tobytes(), 9, mtime=0))


if __name__ == "__main__":
    main()
