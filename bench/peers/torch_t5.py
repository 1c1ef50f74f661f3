"""Layers of T5 v1.1 XXL's encoder in PyTorch, random weights."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_timing import Work, quick

WIDTH, HEADS, HEAD, HIDDEN = 4096, 64, 64, 10240


class RmsNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        x32 = x.float()
        return self.weight * (x32 * torch.rsqrt(x32.pow(2).mean(-1, keepdim=True) + 1e-6)).to(x.dtype)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = RmsNorm(), RmsNorm()
        self.q, self.k, self.v = (nn.Linear(WIDTH, HEADS * HEAD, bias=False) for _ in range(3))
        self.o = nn.Linear(HEADS * HEAD, WIDTH, bias=False)
        self.wi_0, self.wi_1 = (nn.Linear(WIDTH, HIDDEN, bias=False) for _ in range(2))
        self.wo = nn.Linear(HIDDEN, WIDTH, bias=False)

    def forward(self, x, bias):
        batch, tokens, _ = x.shape
        h = self.norm1(x)
        q, k, v = (part(h).view(batch, tokens, HEADS, HEAD).transpose(1, 2) for part in (self.q, self.k, self.v))
        scores = (q @ k.transpose(-2, -1) + bias).float().softmax(-1).to(x.dtype)
        x = x + self.o((scores @ v).transpose(1, 2).reshape(batch, tokens, -1))
        h = self.norm2(x)
        return x + self.wo(F.gelu(self.wi_0(h), approximate="tanh") * self.wi_1(h))


def encode(size, dtype):
    tokens, count = (int(part) for part in size.split("x"))
    with quick():
        layers = [Layer().to(dtype) for _ in range(count)]
    norm = RmsNorm().to(dtype)
    x = torch.randn(1, tokens, WIDTH).to(dtype)
    bias = torch.randn(1, HEADS, tokens, tokens).to(dtype)

    def run():
        y = x
        for layer in layers:
            y = layer(y, bias)
        return norm(y)

    return Work(run)
