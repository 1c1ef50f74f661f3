"""STDiT3, the diffusion transformer (specification section 5), without frame masks. Tensor names as published."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import kernels


class Mlp(nn.Module):
    def __init__(self, cin, hidden, cout):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(cin, hidden), nn.Linear(hidden, cout)

    def forward(self, x):
        return self.fc2(kernels.gelu(self.fc1(x)))


class RmsWeight(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))


class SelfAttention(nn.Module):
    def __init__(self, c, heads):
        super().__init__()
        self.qkv, self.proj = nn.Linear(c, 3 * c), nn.Linear(c, c)
        self.q_norm, self.k_norm = RmsWeight(c // heads), RmsWeight(c // heads)


class CrossAttention(nn.Module):
    def __init__(self, c, heads):
        super().__init__()
        self.heads = heads
        self.q_linear, self.kv_linear, self.proj = nn.Linear(c, c), nn.Linear(c, 2 * c), nn.Linear(c, c)

    def forward(self, x, y, lengths):
        return self.proj(kernels.cross_attention(self.q_linear(x), self.kv_linear(y), lengths, self.heads))


class Block(nn.Module):
    def __init__(self, c, heads, temporal):
        super().__init__()
        self.heads, self.temporal = heads, temporal
        self.scale_shift_table = nn.Parameter(torch.randn(6, c) / c ** 0.5)
        self.attn, self.cross_attn, self.mlp = SelfAttention(c, heads), CrossAttention(c, heads), Mlp(c, 4 * c, c)

    def forward(self, x, t6, y, lengths, grid, cos, sin):
        """x [B,T*S,C]; t6 [B,6,C]; y [B,L,C]; grid (T, S)."""
        sh1, sc1, g1, sh2, sc2, g2 = (self.scale_shift_table + t6).unbind(1)
        a = self.attn
        m = kernels.self_attention(a.qkv(kernels.ln_mod(x, sh1, sc1)), a.q_norm.weight, a.k_norm.weight, cos, sin,
                                   (x.shape[0], *grid, self.heads, self.temporal))
        x = kernels.gate_add(x, g1, a.proj(m))
        x = x + self.cross_attn(x, y, lengths)
        return kernels.gate_add(x, g2, self.mlp(kernels.ln_mod(x, sh2, sc2)))


class ScalarEmbedder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(256, c), nn.SiLU(), nn.Linear(c, c))
        self.register_buffer("w", torch.exp(-math.log(10000.0) * torch.arange(128) / 128), persistent=False)

    def forward(self, s):
        a = s.float()[:, None] * self.w
        return self.mlp(torch.cat([a.cos(), a.sin()], -1))


class Captions(nn.Module):
    def __init__(self, channels, c, length):
        super().__init__()
        self.y_embedding = nn.Parameter(torch.randn(length, channels) / channels ** 0.5)
        self.y_proj = Mlp(channels, c, c)


class Patches(nn.Module):
    def __init__(self, cin, c, patch):
        super().__init__()
        self.proj = nn.Conv3d(cin, c, patch, stride=patch)


class FinalLayer(nn.Module):
    def __init__(self, c, out):
        super().__init__()
        self.scale_shift_table = nn.Parameter(torch.randn(2, c) / c ** 0.5)
        self.linear = nn.Linear(c, out)


class STDiT3(nn.Module):
    def __init__(self, hidden_size, num_heads, depth, caption_channels, model_max_length, input_sq_size=512,
                 in_channels=4, patch_size=(1, 2, 2), **_):
        super().__init__()
        c = hidden_size
        self.c, self.heads, self.depth, self.input_sq_size = c, num_heads, depth, input_sq_size
        self.x_embedder = Patches(in_channels, c, tuple(patch_size))
        self.t_embedder, self.fps_embedder = ScalarEmbedder(c), ScalarEmbedder(c)
        self.t_block = nn.Sequential(nn.SiLU(), nn.Linear(c, 6 * c))
        self.y_embedder = Captions(caption_channels, c, model_max_length)
        self.spatial_blocks = nn.ModuleList([Block(c, num_heads, False) for _ in range(depth)])
        self.temporal_blocks = nn.ModuleList([Block(c, num_heads, True) for _ in range(depth)])
        self.final_layer = FinalLayer(c, 4 * 2 * in_channels)
        self._tables = {}
        self.initialise()

    def initialise(self):
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                nn.init.zeros_(m.bias)
        for b in list(self.spatial_blocks) + list(self.temporal_blocks):
            for m in (b.attn.proj, b.cross_attn.proj, b.mlp.fc2):
                m.weight.data.mul_(0.1)
        self.final_layer.linear.weight.data.mul_(0.05)
        self.t_block[1].weight.data.mul_(0.1)
        self.place_position_heads(0, self.temporal_blocks[0].attn, {0: {0: -1, 1: -1}, 2: {0: 1, 1: 1}})
        if self.depth > 1:
            self.place_position_heads(1, self.temporal_blocks[1].attn, {0: {1: -3, 3: -9}, 2: {1: 3, 3: 9}})

    @torch.no_grad()
    def place_position_heads(self, block, attn, heads):
        """Heads that start by looking at a fixed distance in time.

        Rotary attention knows distances only, and in pure noise all frames are alike: a frame can learn its place in
        the clip only by noticing where its neighbours end. These heads hand every frame its neighbour before and
        after (block 0) and all that is before and after (block 1), from which that is soon learnt.
        `heads`: head -> {pair of channels: distance at which its rotation peaks}.
        """
        c, d = self.c, self.c // self.heads
        for head, pairs in heads.items():
            if head >= self.heads:
                continue
            for part in (0, 1):
                rows = slice(part * c + head * d, part * c + (head + 1) * d)
                attn.qkv.weight[rows] *= 0.1
                attn.qkv.bias[rows] = 0
                for pair, distance in pairs.items():
                    a = distance * 10000.0 ** (-2 * pair / d) if part == 0 else 0.0
                    size = 3.0 if block == 0 or pair == 3 else 1.7
                    attn.qkv.bias[rows.start + 2 * pair] = size * math.cos(a)
                    attn.qkv.bias[rows.start + 2 * pair + 1] = size * math.sin(a)

    def tables(self, t, hh, ww, height, width, device):
        """Position embedding [1,1,S,C] and rotary tables [T,d/2]."""
        key = (t, hh, ww, height, width)
        if key not in self._tables:
            base, scale = round((hh * ww) ** 0.5), math.sqrt(height * width) / self.input_sq_size
            f = 10000.0 ** (-torch.arange(self.c // 4).double() / (self.c // 4))
            rows = torch.arange(hh).double() / scale * (base / hh)
            cols = torch.arange(ww).double() / scale * (base / ww)
            r = (rows[:, None] * f)[:, None].expand(hh, ww, -1)
            q = (cols[:, None] * f)[None].expand(hh, ww, -1)
            pos = torch.cat([q.sin(), q.cos(), r.sin(), r.cos()], -1).view(1, 1, hh * ww, self.c).float()
            d = self.c // self.heads
            angle = torch.arange(t).double()[:, None] * 10000.0 ** (-2 * torch.arange(d // 2).double() / d)
            self._tables[key] = (pos.to(device), angle.cos().float().to(device), angle.sin().float().to(device))
        return self._tables[key]

    def forward(self, x, timestep, y, lengths, fps, height, width, watch=None):
        """x [B,4,T,h,w]; timestep [B]; y [B,L,caption]; lengths [B] int32; fps a number. Gives [B,8,T,h,w].

        With `watch` also the tokens [B,T,S,C] after that pair of blocks.
        """
        b, _, t, h, w = x.shape
        x = F.pad(x, (0, w % 2, 0, h % 2))
        hh, ww = x.shape[3] // 2, x.shape[4] // 2
        pos, cos, sin = self.tables(t, hh, ww, height, width, x.device)
        e = self.x_embedder.proj
        p = x.view(b, -1, t, hh, 2, ww, 2).permute(0, 2, 3, 5, 1, 4, 6).reshape(b, t, hh * ww, -1)
        x = (F.linear(p, e.weight.flatten(1), e.bias) + pos).view(b, t * hh * ww, self.c)
        c = self.t_embedder(timestep) + self.fps_embedder(torch.full_like(timestep, float(fps)))
        t6 = self.t_block(c).view(b, 6, self.c)
        y = self.y_embedder.y_proj(y)
        seen = None
        for i, (s, m) in enumerate(zip(self.spatial_blocks, self.temporal_blocks)):
            x = s(x, t6, y, lengths, (t, hh * ww), cos, sin)
            x = m(x, t6, y, lengths, (t, hh * ww), cos, sin)
            if i == watch:
                seen = x.view(b, t, hh * ww, self.c)
        shift, scale = (self.final_layer.scale_shift_table + c[:, None]).unbind(1)
        x = self.final_layer.linear(kernels.ln_mod(x, shift, scale))
        x = x.view(b, t, hh, ww, 2, 2, -1).permute(0, 6, 1, 2, 4, 3, 5).reshape(b, -1, t, 2 * hh, 2 * ww)
        return x[..., :h, :w] if watch is None else (x[..., :h, :w], seen)
