"""STDiT3-XL/2's blocks in PyTorch, as the reference writes them, with dense attention and random weights."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_timing import Work, quick, seconds_of

HIDDEN, HEADS, BATCH, TEXT, PAIRS = 1152, 16, 2, 30, 28
HEAD = HIDDEN // HEADS


def rms_norm(x, weight):
    x32 = x.float()
    return (x32 * torch.rsqrt(x32.pow(2).mean(-1, keepdim=True) + 1e-6)).to(x.dtype) * weight


class Block(nn.Module):
    """One STDiT3 block as the reference writes it, with dense attention."""

    def __init__(self, temporal, frames, patches):
        super().__init__()
        self.temporal, self.frames, self.patches = temporal, frames, patches
        self.qkv = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.proj = nn.Linear(HIDDEN, HIDDEN)
        self.q = nn.Linear(HIDDEN, HIDDEN)
        self.kv = nn.Linear(HIDDEN, 2 * HIDDEN)
        self.cross_proj = nn.Linear(HIDDEN, HIDDEN)
        self.fc1 = nn.Linear(HIDDEN, 4 * HIDDEN)
        self.fc2 = nn.Linear(4 * HIDDEN, HIDDEN)
        self.q_norm = nn.Parameter(torch.ones(HEAD))
        self.k_norm = nn.Parameter(torch.ones(HEAD))
        self.table = nn.Parameter(torch.randn(6, HIDDEN) * 0.1)
        angles = torch.arange(frames)[:, None] * 10000 ** (-torch.arange(0, HEAD, 2) / HEAD)
        self.register_buffer("cos", angles.cos().repeat_interleave(2, -1))
        self.register_buffer("sin", angles.sin().repeat_interleave(2, -1))

    def rotate(self, x):
        pairs = x.unflatten(-1, (-1, 2))
        swapped = torch.stack((-pairs[..., 1], pairs[..., 0]), -1).flatten(-2)
        return x * self.cos + swapped * self.sin

    def attend(self, x):
        rows, tokens, _ = x.shape
        q, k, v = self.qkv(x).view(rows, tokens, 3, HEADS, HEAD).permute(2, 0, 3, 1, 4).unbind(0)
        q, k = rms_norm(q, self.q_norm), rms_norm(k, self.k_norm)
        if self.temporal:
            q, k = self.rotate(q), self.rotate(k)
        scores = ((q * HEAD ** -0.5) @ k.transpose(-2, -1)).float().softmax(-1).to(x.dtype)
        return self.proj((scores @ v).transpose(1, 2).reshape(rows, tokens, HIDDEN))

    def cross(self, x, text):
        rows, tokens, _ = x.shape
        q = self.q(x).view(rows, tokens, HEADS, HEAD).transpose(1, 2)
        k, v = self.kv(text).view(rows, -1, 2, HEADS, HEAD).permute(2, 0, 3, 1, 4).unbind(0)
        scores = ((q * HEAD ** -0.5) @ k.transpose(-2, -1)).softmax(-1)
        return self.cross_proj((scores @ v).transpose(1, 2).reshape(rows, tokens, HIDDEN))

    def forward(self, x, text, t):
        shift1, scale1, gate1, shift2, scale2, gate2 = (self.table + t).chunk(6, 1)
        h = F.layer_norm(x, (HIDDEN,), eps=1e-6) * (1 + scale1) + shift1
        h = h.view(BATCH, self.frames, self.patches, HIDDEN)
        h = h.transpose(1, 2).reshape(-1, self.frames, HIDDEN) if self.temporal else h.reshape(-1, self.patches, HIDDEN)
        h = self.attend(h)
        if self.temporal:
            h = h.view(BATCH, self.patches, self.frames, HIDDEN).transpose(1, 2)
        x = x + h.reshape(BATCH, -1, HIDDEN) * gate1
        x = x + self.cross(x, text)
        h = F.layer_norm(x, (HIDDEN,), eps=1e-6) * (1 + scale2) + shift2
        return x + self.fc2(F.gelu(self.fc1(h), approximate="tanh")) * gate2


def blocks_on(size, dtype, pairs):
    width, height, frames = (int(part) for part in size.split("x"))
    patches = (height // 16) * (width // 16)
    latent_frames = frames // 17 * 5 + -(-(frames % 17) // 4)
    with quick():
        blocks = [Block(temporal, latent_frames, patches).to(dtype) for _ in range(pairs) for temporal in (False, True)]
    x = torch.randn(BATCH, latent_frames * patches, HIDDEN).to(dtype)
    text = torch.randn(BATCH, TEXT, HIDDEN).to(dtype)
    t = torch.randn(BATCH, 6, HIDDEN).to(dtype) * 0.1

    def run(count=2 * pairs):
        y = x
        for block in blocks[:count]:
            y = block(y, text, t)
        return y

    def warm_up():
        run(2)
        return seconds_of(lambda: run(2)) * pairs

    return Work(run, warm_up)


def block_pair(size, dtype):
    return blocks_on(size, dtype, 1)


def step(size, dtype):
    return blocks_on(size, dtype, PAIRS)
