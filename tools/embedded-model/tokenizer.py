"""SentencePiece unigram tokens from a spiece.model, and adding words to such a file.

Only what this vocabulary needs: NFKC, white space runs to one, a space in front, the best segmentation by
the sum of the scores (Viterbi).

    python tokenizer.py --model spiece.model --out new.model      # adds the missing words of the captions
"""
import argparse
import itertools
import struct
import unicodedata

PAD, EOS, UNK = 0, 1, 2


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

    def encode(self, text):
        """Ids without the final </s>."""
        s = " ".join(unicodedata.normalize("NFKC", text).split())
        if not s:
            return []
        s = "\u2581" + s.replace(" ", "\u2581")
        best = [(0.0, 0, 0)] + [(-1e30, 0, UNK)] * len(s)
        for i in range(len(s)):
            for j in range(i + 1, min(len(s), i + self.longest) + 1):
                score, piece = self.score.get(s[i:j], (self.unknown if j == i + 1 else None, UNK))
                if score is not None and best[i][0] + score > best[j][0]:
                    best[j] = (best[i][0] + score, i, piece)
        ids, j = [], len(s)
        while j:
            _, i, piece = best[j]
            if not (piece == UNK and ids and ids[-1] == UNK):
                ids.append(piece)
            j = i
        return ids[::-1]

    def by_piece(self, ids, values):
        """For the ids of a text: of every piece the value of its word; `values` has one for every word."""
        word = itertools.accumulate(self.pieces[i][0].startswith("\u2581") for i in ids)
        return [values[w - 1] for w in word]

    def batch(self, texts, length):
        """(ids, mask) as lists, with </s>, cut and padded to `length`."""
        rows = [self.encode(t)[:length - 1] + [EOS] for t in texts]
        return ([r + [PAD] * (length - len(r)) for r in rows], [[1] * len(r) + [0] * (length - len(r)) for r in rows])

    def with_words(self, words, score=-5.5):
        """The file's bytes with more whole words."""
        extra = b""
        for w in words:
            if "\u2581" + w not in self.score:
                p = ("\u2581" + w).encode()
                m = b"\x0a" + bytes([len(p)]) + p + b"\x15" + struct.pack("<f", score)
                extra += b"\x0a" + bytes([len(m)]) + m
        return self.data[:self.piece_end] + extra + self.data[self.piece_end:]


if __name__ == "__main__":
    from captions import every_word
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--model", required=True)
    a.add_argument("--out", required=True)
    a = a.parse_args()
    data = Tokenizer(a.model).with_words(every_word())
    open(a.out, "wb").write(data)
    print(len(Tokenizer(a.out).pieces), "pieces")
