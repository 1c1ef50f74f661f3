"""The 2D autoencoder: images [N,3,H,W] in [-1,1] <-> latents [N,4,H/8,W/8]. Tensor names as published."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class ResnetBlock(nn.Module):
    def __init__(self, cin, cout, groups):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, cin, eps=1e-6)
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, cout, eps=1e-6)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1)
        if cin != cout:
            self.conv_shortcut = nn.Conv2d(cin, cout, 1)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x), inplace=True))
        h = self.conv2(F.silu(self.norm2(h), inplace=True))
        return (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x) + h


class Attention(nn.Module):
    def __init__(self, c, groups):
        super().__init__()
        self.group_norm = nn.GroupNorm(groups, c, eps=1e-6)
        self.to_q, self.to_k, self.to_v = nn.Linear(c, c), nn.Linear(c, c), nn.Linear(c, c)
        self.to_out = nn.ModuleList([nn.Linear(c, c)])

    def forward(self, x):
        n, c, h, w = x.shape
        u = self.group_norm(x).flatten(2).transpose(1, 2)
        q, k, v = self.to_q(u), self.to_k(u), self.to_v(u)
        a = torch.softmax(q @ k.transpose(1, 2) * c ** -0.5, dim=-1)
        return x + self.to_out[0](a @ v).transpose(1, 2).reshape(n, c, h, w)


class MidBlock(nn.Module):
    def __init__(self, c, groups):
        super().__init__()
        self.resnets = nn.ModuleList([ResnetBlock(c, c, groups), ResnetBlock(c, c, groups)])
        self.attentions = nn.ModuleList([Attention(c, groups)])

    def forward(self, x):
        return self.resnets[1](self.attentions[0](self.resnets[0](x)))


class Resampler(nn.Module):
    """A strided convolution (one zero row and column at the end) or nearest doubling and a convolution."""

    def __init__(self, c, up):
        super().__init__()
        self.up = up
        self.conv = nn.Conv2d(c, c, 3, padding=1) if up else nn.Conv2d(c, c, 3, stride=2)

    def forward(self, x):
        if self.up:
            return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Stage(nn.Module):
    def __init__(self, cin, cout, layers, groups, resample):
        super().__init__()
        self.resnets = nn.ModuleList([ResnetBlock(cin if i == 0 else cout, cout, groups) for i in range(layers)])
        if resample:
            setattr(self, resample, nn.ModuleList([Resampler(cout, resample == "upsamplers")]))
        self.resample = resample

    def forward(self, x):
        for r in self.resnets:
            x = r(x)
        return getattr(self, self.resample)[0](x) if self.resample else x


class Encoder(nn.Module):
    def __init__(self, channels, layers, latent, groups):
        super().__init__()
        self.conv_in = nn.Conv2d(3, channels[0], 3, padding=1)
        last = len(channels) - 1
        self.down_blocks = nn.ModuleList([
            Stage(channels[max(i - 1, 0)], c, layers, groups, "downsamplers" if i < last else None)
            for i, c in enumerate(channels)])
        self.mid_block = MidBlock(channels[-1], groups)
        self.conv_norm_out = nn.GroupNorm(groups, channels[-1], eps=1e-6)
        self.conv_out = nn.Conv2d(channels[-1], 2 * latent, 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for b in self.down_blocks:
            x = b(x)
        return self.conv_out(F.silu(self.conv_norm_out(self.mid_block(x))))


class Decoder(nn.Module):
    def __init__(self, channels, layers, latent, groups):
        super().__init__()
        rev = list(reversed(channels))
        last = len(rev) - 1
        self.conv_in = nn.Conv2d(latent, rev[0], 3, padding=1)
        self.mid_block = MidBlock(rev[0], groups)
        self.up_blocks = nn.ModuleList([
            Stage(rev[max(i - 1, 0)], c, layers + 1, groups, "upsamplers" if i < last else None)
            for i, c in enumerate(rev)])
        self.conv_norm_out = nn.GroupNorm(groups, channels[0], eps=1e-6)
        self.conv_out = nn.Conv2d(channels[0], 3, 3, padding=1)

    def forward(self, z):
        x = self.mid_block(self.conv_in(z))
        for b in self.up_blocks:
            x = b(x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class SpatialVae(nn.Module):
    def __init__(self, block_out_channels, layers_per_block, latent_channels, norm_num_groups=32):
        super().__init__()
        args = (block_out_channels, layers_per_block, latent_channels, norm_num_groups)
        self.encoder, self.decoder = Encoder(*args), Decoder(*args)
        self.quant_conv = nn.Conv2d(2 * latent_channels, 2 * latent_channels, 1)
        self.post_quant_conv = nn.Conv2d(latent_channels, latent_channels, 1)

    def encode(self, images):
        """Mean and log-variance of the posterior."""
        return self.quant_conv(self.encoder(images)).chunk(2, dim=1)

    def decode(self, latents):
        return self.decoder(self.post_quant_conv(latents))
