"""Sentences for scenes, with the phrasings of the world."""
import numpy as np

BY_MOTION = {
    "left": ("moving left", "moving to the left", "drifting left", "drifting to the left", "gliding left",
             "gliding to the left", "going left", "floating to the left", "sliding left", "flying to the left"),
    "right": ("moving right", "moving to the right", "drifting right", "drifting to the right", "gliding right",
              "gliding to the right", "going right", "floating to the right", "sliding right", "flying to the right"),
    "up": ("moving up", "rising", "floating upward", "going up", "floating up", "moving upward", "flying up"),
    "down": ("moving down", "falling", "sinking", "going down", "drifting down", "falling down", "moving downward"),
    "bounce": ("bouncing", "bouncing up and down", "bouncing around", "jumping", "jumping up and down"),
    "grow": ("growing", "getting bigger", "growing bigger", "getting larger"),
    "shrink": ("shrinking", "getting smaller", "shrinking away"),
    "still": ("standing still", "not moving", "resting", "at rest", ""),
    "orbit": ("circling", "circling around", "moving in a circle", "going around in a circle", "orbiting"),
}
BY_BACKGROUND = {
    "black": ("on black", "on a black background", "in front of a black background", "in the dark", ""),
    "gray": ("on gray", "on a gray background", "against a gray wall", "in front of a gray wall", "on a grey background"),
    "night": ("at night", "in the night sky", "under the night sky", "against the night sky"),
    "sunset": ("at sunset", "in the sunset sky", "in front of a sunset", "against the sunset"),
    "meadow": ("over a meadow", "over the meadow", "on the meadow", "above a green meadow", "over the grass"),
    "sea": ("over the sea", "above the sea", "over the blue sea", "at the sea", "over the ocean"),
    "desert": ("in the desert", "over the desert", "above the desert", "over the sand"),
}
BY_SIZE = {"small": ("small", "small", "little", "tiny"), "": ("",), "big": ("big", "big", "large")}
ROLES = 4            # of a word, see phrases
USUAL = 0.5          # how often the first phrase of a list is taken outright


def _pick(rng, phrases, usual=USUAL):
    return phrases[0] if rng.random() < usual else phrases[rng.integers(len(phrases))]


def _thing(thing, rng):
    words = " ".join(w for w in (_pick(rng, BY_SIZE[thing.size], 0), thing.colour, thing.shape) if w)
    u = rng.random()
    article = "the" if u < 0.1 else "" if u < 0.15 else "an" if words[0] in "aeio" else "a"
    verb = _pick(rng, BY_MOTION[thing.motion], 0.3)
    link = "is " if verb and article and rng.random() < 0.06 else ""
    return " ".join(w for w in (article, words, link + verb) if w)


def phrases(scene, rng):
    """The parts of a sentence, with the role of each: 0 for the scene, 1 for its only thing, 2 and 3 for the first and the second of two."""
    alone = len(scene.things) == 1
    parts = [(_thing(t, rng), 1 if alone else 2 + k) for k, t in enumerate(scene.things)]
    if not alone:
        parts.insert(1, ("and", 0))
    place = _pick(rng, BY_BACKGROUND[scene.background], 0.3)
    if not place:
        return parts
    return [(place + ",", 0)] + parts if rng.random() < 0.08 else parts + [(place, 0)]


def sentence(parts):
    """Lower case, as it is given to the tokenizer."""
    return " ".join(text for text, _ in parts)


def roles(parts):
    """The role of every word of the sentence."""
    return [role for text, role in parts for _ in text.split()]


def caption(scene, rng):
    """One sentence for a scene."""
    return sentence(phrases(scene, rng))


def every_word():
    """All words of the sentences, for the vocabulary."""
    from world import COLOURS, SHAPES
    texts = list(COLOURS) + list(SHAPES) + ["a", "an", "the", "and", "is"]
    for table in (BY_MOTION, BY_BACKGROUND, BY_SIZE):
        for phrases in table.values():
            texts += phrases
    return sorted(set(" ".join(texts).split()))
