"""SentencePiece unigram tokens from a spiece.model, and the file for the words of the captions.

Only what this vocabulary needs: NFKC, white space runs to one, a space in front, the best segmentation by
the sum of the scores (Viterbi).

    python tokenizer.py --model spiece.model --out new.model      # the words of the captions with the settings of spiece.model
"""
import argparse
import functools
import struct
import unicodedata

PAD, EOS, UNK = 0, 1, 2
SPACE = "\u2581"
WORD_SCORE = -5.5


def _varint(data, i):
    value = shift = 0
    while True:
        byte = data[i]
        i += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, i


def _fields(data):
    """(number, value, start, end) of the fields of a protocol buffer message."""
    i = 0
    while i < len(data):
        start = i
        tag, i = _varint(data, i)
        kind = tag & 7
        if kind == 0:
            value, i = _varint(data, i)
        elif kind == 2:
            size, i = _varint(data, i)
            value, i = data[i:i + size], i + size
        else:
            size = 4 if kind == 5 else 8
            value, i = data[i:i + size], i + size
        yield tag >> 3, value, start, i


class Tokenizer:
    def __init__(self, path):
        self.data = open(path, "rb").read()
        self.pieces, self.piece_end = [], 0
        for number, value, _, end in _fields(self.data):
            if number == 1:
                f = {n: v for n, v, _, _ in _fields(value)}
                self.pieces.append((f[1].decode(), struct.unpack("<f", f[2])[0] if 2 in f else 0.0, f.get(3, 1)))
                self.piece_end = end
        self.score = {p: (s, i) for i, (p, s, kind) in enumerate(self.pieces) if kind == 1}
        self.unknown = min(s for s, _ in self.score.values()) - 10
        self.longest = max(map(len, self.score))

    @functools.lru_cache(maxsize=1024)          # a step of training asks for the ids and for the roles of the same sentences
    def segments(self, text):
        """(id, number of the word it begins in) of every piece, without the final </s>. What the vocabulary lacks is one unknown
        piece, however long."""
        s = " ".join(unicodedata.normalize("NFKC", text).split())
        if not s:
            return []
        s = SPACE + s.replace(" ", SPACE)
        best = [(0.0, 0, 0)] + [(-1e30, 0, UNK)] * len(s)
        for i in range(len(s)):
            for j in range(i + 1, min(len(s), i + self.longest) + 1):
                score, piece = self.score.get(s[i:j], (self.unknown if j == i + 1 else None, UNK))
                if score is not None and best[i][0] + score > best[j][0]:
                    best[j] = (best[i][0] + score, i, piece)
        found, j = [], len(s)
        while j:
            _, i, piece = best[j]
            if piece == UNK and found and found[-1][0] == UNK:
                found.pop()
            found.append((piece, s.count(SPACE, 0, i + 1) - 1))
            j = i
        return found[::-1]

    def encode(self, text):
        """Ids without the final </s>."""
        return [piece for piece, _ in self.segments(text)]

    def by_piece(self, text, values):
        """Of every piece of a text the value of its word; `values` has one for every word."""
        return [values[word] for _, word in self.segments(text)]

    def batch(self, texts, length):
        """(ids, mask) as lists, with </s>, cut and padded to `length`."""
        rows = [self.encode(t)[:length - 1] + [EOS] for t in texts]
        return ([r + [PAD] * (length - len(r)) for r in rows], [[1] * len(r) + [0] * (length - len(r)) for r in rows])

    def of_words(self, words):
        """The bytes of a file with these whole words, the comma and the special pieces; it normalises as this one."""
        pieces = self.pieces[:UNK + 1] + [(piece, WORD_SCORE, 1) for piece in [","] + [SPACE + w for w in words]]
        return b"".join(_message(1, _piece(*p)) for p in pieces) + self.data[self.piece_end:]


def _message(number, content):
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def _piece(text, score, kind):
    return _message(1, text.encode()) + b"\x15" + struct.pack("<f", score) + (bytes([0x18, kind]) if kind != 1 else b"")


if __name__ == "__main__":
    from captions import every_word
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--model", required=True)
    a.add_argument("--out", required=True)
    a = a.parse_args()
    data = Tokenizer(a.model).of_words(every_word())
    open(a.out, "wb").write(data)
    print(len(Tokenizer(a.out).pieces), "pieces")
