"""Sentences for scenes, with the phrases of phrases.json: in the usual words, or freely worded as people write.

In phrases, "~" stands for a word that the vocabulary lacks; "unknown" are such words, for the scorer in C#.
"""
import json
import os
import re

PHRASES = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "phrases.json")))
MOTIONS, BACKGROUNDS, SIZES = (PHRASES["usual"][k] for k in ("motions", "backgrounds", "sizes"))
FREE = PHRASES["free"]
ROLES = 4            # of a word, see phrases
USUAL = 0.5          # how often the first phrase of a list is taken outright
LONGEST = 30         # words of a freely worded sentence, so that none is cut


def _pick(rng, phrases, usual=USUAL):
    return phrases[0] if rng.random() < usual else phrases[rng.integers(len(phrases))]


def _any(rng, phrases):
    """Takes one number of `rng` whatever the length of the list, so that the sentences of a mixture differ in colours only."""
    return phrases[int(rng.random() * len(phrases))]


def _maybe(rng, chance, phrases):
    phrase = _any(rng, phrases)
    return phrase if rng.random() < chance else ""


def _joined(*words):
    return " ".join(w for w in words if w)


def _article(word):
    return "an" if word[0] in "aeio" else "a"


def _thing(thing, rng):
    words = _joined(_pick(rng, SIZES[thing.size], 0), thing.colour, thing.shape)
    u = rng.random()
    article = "the" if u < 0.1 else "" if u < 0.15 else _article(words)
    verb = _pick(rng, MOTIONS[thing.motion], 0.3)
    link = "is" if verb and article and rng.random() < 0.06 else ""
    return _joined(article, words, link, verb)


def _usual(scene, rng, roles):
    parts = [(_thing(t, rng), role) for t, role in zip(scene.things, roles)]
    if len(parts) > 1:
        parts.insert(1, ("and", 0))
    place = _pick(rng, BACKGROUNDS[scene.background], 0.3)
    if not place:
        return parts
    return [(place + ",", 0)] + parts if rng.random() < 0.08 else parts + [(place, 0)]


def _motion(motion, rng):
    """The motion as a participle ("going up") and as a finite verb ("goes up"), and whether the participle is one word."""
    group = _any(rng, FREE["motions"][motion])
    way = _any(rng, group["ways"])
    if not group["verbs"]:
        return way, _joined("is" if way else "", way), False
    participle, finite = _any(rng, FREE["verbs"][group["verbs"]]).split("/")
    return _joined(participle, way), _joined(finite, way), not way and " " not in participle


def _told(participle, finite, rng):
    """The motion behind its thing."""
    u, relative = rng.random(), _any(rng, FREE["relatives"])
    if not participle:
        return ""
    return (participle if u < 0.5 else finite if u < 0.7 else _joined(relative, finite) if u < 0.85 else
            _joined(relative, "is", participle) if u < 0.93 else _joined("is", participle))


def _free_thing(thing, rng):
    """A thing and what it does, the second empty where the first says it."""
    size, shape = _any(rng, FREE["sizes"][thing.size]), _any(rng, FREE["shapes"][thing.shape])
    colour, adjective = _any(rng, FREE["colours"][thing.colour]), _maybe(rng, 0.1, FREE["adjectives"])
    article, adverb = _any(rng, FREE["articles"]), _maybe(rng, 0.12, FREE["adverbs"])
    participle, finite, short = _motion(thing.motion, rng)
    told, first = _told(participle, finite, rng), rng.random() < 0.25
    words = _joined(size, adjective, colour, shape) if rng.random() < 0.95 else _joined(size, adjective, shape, "in", colour)
    if short and first:
        words, told = _joined(participle, words), ""
    elif told and adverb:
        told = _joined(told, adverb) if first or told != participle else _joined(adverb, told)
    return _joined(_article(words) if article == "a" else article, words), told


def _free(scene, rng, roles):
    things = [_free_thing(t, rng) for t in scene.things]
    place, where = _any(rng, FREE["backgrounds"][scene.background]), rng.random()
    front, inside = where < 0.2, 0.2 <= where < 0.3 and len(things) == 1
    opening, ending = _maybe(rng, 0.35, FREE["openings"]), _maybe(rng, 0.4, FREE["endings"])
    link = _any(rng, FREE["links"])
    parts = [(opening, 0)] if opening else []
    if place and front:
        parts.append((place + ("," if where < 0.1 else ""), 0))
    for k, (words, told) in enumerate(things):
        if k:
            parts.append((link, 0))
        parts.append((words, roles[k]))
        if place and inside:
            parts.append((place, 0))
        if told:
            parts.append((told, roles[k]))
    if place and not (front or inside):
        parts.append((place, 0))
    if ending in (".", "!"):
        parts[-1] = (parts[-1][0] + ending, parts[-1][1])
    elif ending:
        parts.append((ending, 0))
    return parts


def phrases(scene, rng, free=False):
    """The parts of a sentence, with the role of each: 0 for the scene, 1 for its only thing, 2 and 3 for the first and the
    second of two."""
    roles = (1,) if len(scene.things) == 1 else (2, 3)
    while True:
        parts = (_free if free else _usual)(scene, rng, roles)
        if not free or len(sentence(parts).split()) <= LONGEST:
            return parts


def sentence(parts):
    """Lower case, as it is given to the tokenizer."""
    return " ".join(text for text, _ in parts)


def roles(parts):
    """The role of every word of the sentence."""
    return [role for text, role in parts for _ in text.split()]


def caption(scene, rng, free=False):
    """One sentence for a scene."""
    return sentence(phrases(scene, rng, free))


def _texts(table):
    if isinstance(table, str):
        return [table]
    return [text for inner in (table.values() if isinstance(table, dict) else table) for text in _texts(inner)]


def every_word():
    """All words of the sentences, for the vocabulary."""
    from world import COLOURS, SHAPES
    ways = [group["ways"] for groups in FREE["motions"].values() for group in groups]          # without the names of the verbs
    texts = _texts([PHRASES["usual"], {**FREE, "motions": ways, "unknown": []}]) + [*COLOURS, *SHAPES, "a", "an", "the", "and", "is", "in"]
    return sorted(set(re.findall("[a-z]+", " ".join(texts))))
