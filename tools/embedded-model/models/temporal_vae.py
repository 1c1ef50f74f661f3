"""The temporal autoencoder: spatial latents [N,4,T,h,w] (times 0.18215) <-> latents [N,4,ceil(T/4),h,w]."""
import torch.nn as nn
import torch.nn.functional as F


class CausalConv3d(nn.Module):
    """Zero padding on both sides in space, only in front in time."""

    def __init__(self, cin, cout, kernel, stride=1, bias=True):
        super().__init__()
        self.front = kernel - 1 + (1 - stride)
        self.conv = nn.Conv3d(cin, cout, kernel, stride=(stride, 1, 1), padding=(0, kernel // 2, kernel // 2), bias=bias)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 0, 0, 0, self.front, 0)) if self.front else x)


class ResBlock(nn.Module):
    def __init__(self, cin, cout, groups):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, cin)
        self.conv1 = CausalConv3d(cin, cout, 3, bias=False)
        self.norm2 = nn.GroupNorm(groups, cout)
        self.conv2 = CausalConv3d(cout, cout, 3, bias=False)
        if cin != cout:
            self.conv3 = CausalConv3d(cin, cout, 1, bias=False)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x), inplace=True))
        h = self.conv2(F.silu(self.norm2(h), inplace=True))
        return (self.conv3(x) if hasattr(self, "conv3") else x) + h


def stack(cin, cout, n, groups):
    return nn.ModuleList([ResBlock(cin if i == 0 else cout, cout, groups) for i in range(n)])


class Encoder(nn.Module):
    def __init__(self, filters, blocks, multipliers, downsample, groups):
        super().__init__()
        widths = [filters * m for m in multipliers]
        self.conv_in = CausalConv3d(4, filters, 3, bias=False)
        self.block_res_blocks = nn.ModuleList()
        self.conv_blocks = nn.ModuleList()
        prev = filters
        for i, w in enumerate(widths):
            self.block_res_blocks.append(stack(prev, w, blocks, groups))
            prev = w
            if i < len(widths) - 1:
                self.conv_blocks.append(CausalConv3d(w, w, 3, stride=2) if downsample[i] else nn.Identity())
        self.res_blocks = stack(prev, prev, blocks, groups)
        self.norm1 = nn.GroupNorm(groups, prev)
        self.conv2 = CausalConv3d(prev, 8, 1)

    def forward(self, x):
        x = self.conv_in(x)
        for i, blocks in enumerate(self.block_res_blocks):
            for b in blocks:
                x = b(x)
            if i < len(self.conv_blocks):
                x = self.conv_blocks[i](x)
        for b in self.res_blocks:
            x = b(x)
        return self.conv2(F.silu(self.norm1(x)))


class Decoder(nn.Module):
    def __init__(self, filters, blocks, multipliers, downsample, groups):
        super().__init__()
        widths = [filters * m for m in multipliers]
        prev = widths[-1]
        self.conv1 = CausalConv3d(4, prev, 3)
        self.res_blocks = stack(prev, prev, blocks, groups)
        res, ups = [], []
        for i in reversed(range(len(widths))):
            res.insert(0, stack(prev, widths[i], blocks, groups))
            prev = widths[i]
            if i > 0:
                ups.insert(0, CausalConv3d(prev, 2 * prev, 3) if downsample[i - 1] else nn.Identity())
        self.block_res_blocks = nn.ModuleList(res)
        self.conv_blocks = nn.ModuleList(ups)          # entry i follows stage i+1
        self.norm1 = nn.GroupNorm(groups, prev)
        self.conv_out = CausalConv3d(prev, 4, 3)

    def forward(self, x):
        x = self.conv1(x)
        for b in self.res_blocks:
            x = b(x)
        for i in reversed(range(len(self.block_res_blocks))):
            for b in self.block_res_blocks[i]:
                x = b(x)
            if i > 0 and not isinstance(self.conv_blocks[i - 1], nn.Identity):
                x = self.conv_blocks[i - 1](x)
                n, c, t, h, w = x.shape              # output channel c*2+j becomes frame 2t+j
                x = x.view(n, c // 2, 2, t, h, w).transpose(2, 3).reshape(n, c // 2, 2 * t, h, w)
        return self.conv_out(F.silu(self.norm1(x)))


class TemporalVae(nn.Module):
    def __init__(self, filters, num_res_blocks, channel_multipliers, temporal_downsample, num_groups=32):
        super().__init__()
        args = (filters, num_res_blocks, channel_multipliers, temporal_downsample, num_groups)
        self.encoder, self.decoder = Encoder(*args), Decoder(*args)
        self.quant_conv = CausalConv3d(8, 8, 1)
        self.post_quant_conv = CausalConv3d(4, 4, 1)

    def encode(self, x):
        """Mean and log-variance; zeros are put in front until the frames divide by four."""
        pad = -x.shape[2] % 4
        return self.quant_conv(self.encoder(F.pad(x, (0, 0, 0, 0, pad, 0)))).chunk(2, dim=1)

    def decode(self, z, frames):
        return self.decoder(self.post_quant_conv(z))[:, :, -frames % 4:]
