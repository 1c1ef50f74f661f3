"""T5 v1.1 encoder (specification section 4). Tensor names as published."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


FAR = 6.0          # a head hardly reads words whose attention is lowered by this


class Rms(nn.Module):
    def __init__(self, c, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(c)), eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


class SelfAttention(nn.Module):
    def __init__(self, c, inner, heads, buckets):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v = (nn.Linear(c, inner, bias=False) for _ in range(3))
        self.o = nn.Linear(inner, c, bias=False)
        if buckets:
            self.relative_attention_bias = nn.Embedding(buckets, heads)

    def forward(self, x, bias):
        b, n, _ = x.shape
        q, k, v = (m(x).view(b, n, self.heads, -1).transpose(1, 2) for m in (self.q, self.k, self.v))
        a = torch.softmax(q @ k.transpose(-1, -2) + bias, -1) @ v
        return self.o(a.transpose(1, 2).reshape(b, n, -1))


class Dense(nn.Module):
    def __init__(self, c, hidden):
        super().__init__()
        self.wi_0, self.wi_1 = nn.Linear(c, hidden, bias=False), nn.Linear(c, hidden, bias=False)
        self.wo = nn.Linear(hidden, c, bias=False)

    def forward(self, x):
        return self.wo(F.gelu(self.wi_0(x), approximate="tanh") * self.wi_1(x))


class SubLayer(nn.Module):
    def __init__(self, name, inner, c, eps):
        super().__init__()
        setattr(self, name, inner)
        self.layer_norm = Rms(c, eps)


class Block(nn.Module):
    def __init__(self, k, first):
        super().__init__()
        c, eps = k["d_model"], k["layer_norm_epsilon"]
        attention = SelfAttention(c, k["num_heads"] * k["d_kv"], k["num_heads"],
                                  k["relative_attention_num_buckets"] if first else 0)
        self.layer = nn.ModuleList([SubLayer("SelfAttention", attention, c, eps),
                                    SubLayer("DenseReluDense", Dense(c, k["d_ff"]), c, eps)])

    def forward(self, x, bias):
        a, m = self.layer
        x = x + a.SelfAttention(a.layer_norm(x), bias)
        return x + m.DenseReluDense(m.layer_norm(x))


class Stack(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.block = nn.ModuleList([Block(k, i == 0) for i in range(k["num_layers"])])
        self.final_layer_norm = Rms(k["d_model"], k["layer_norm_epsilon"])


class T5Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.shared = nn.Embedding(config["vocab_size"], config["d_model"])
        self.encoder = Stack(config)
        d = config["d_kv"]
        for name, p in self.named_parameters():           # no 1/sqrt(d) in the attention: q starts small
            if p.dim() == 2 and "shared" not in name:
                nn.init.normal_(p, std=(0.5 if "relative" in name else p.shape[1] ** -0.5) * (d ** -0.5 if ".q." in name else 1))
        self.place_direction_heads()

    @torch.no_grad()
    def place_direction_heads(self):
        """Head 0 starts by reading earlier words only, head 1 later ones: whether a word stands before an "and" or after it
        says which thing it tells of, and the table of distances alone learns that slowly."""
        table = self.encoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight
        buckets = len(table) // 2
        table[buckets:, 0] -= FAR
        table[:buckets, 1] -= FAR
        table[0, 0] -= FAR

    def bias(self, n, device):
        rel = torch.arange(n)[None] - torch.arange(n)[:, None]
        buckets, far = self.config["relative_attention_num_buckets"] // 2, self.config["relative_attention_max_distance"]
        exact, d = buckets // 2, rel.abs()
        log = exact + (torch.log(d.clamp(min=1).float() / exact) / math.log(far / exact) * (buckets - exact)).long()
        bucket = torch.where(d < exact, d, log.clamp(max=buckets - 1)) + (rel > 0) * buckets
        table = self.encoder.block[0].layer[0].SelfAttention.relative_attention_bias
        return table(bucket.to(device)).permute(2, 0, 1)[None]

    def forward(self, ids, mask, others=None, share=None):
        """ids, mask [B,L] -> [B,L,d_model]. With `others` [B,L], words are mixed with other words by `share` [B]."""
        bias = self.bias(ids.shape[1], ids.device) + (1 - mask[:, None, None].float()) * -3.4028235e38
        x = self.shared(ids)
        if others is not None:
            x = torch.lerp(x, self.shared(others), share[:, None, None])
        for b in self.encoder.block:
            x = b(x, bias)
        return self.encoder.final_layer_norm(x)
