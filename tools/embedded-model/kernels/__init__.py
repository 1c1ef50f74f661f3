"""The element-wise parts of a transformer block: plain PyTorch, and fused loops in C for a CPU.

`kernels.use_fused(head_width)` compiles kernels.c with the system's C compiler; without it, or for tensors on another
device, the plain versions run. Both compute the same (see check.py).
"""
import ctypes
import os
import subprocess
import tempfile

import torch
import torch.nn.functional as F

_lib, _width = None, None


def use_fused(head_width):
    """True when the compiled kernels are ready."""
    global _lib, _width
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kernels.c")
    target = os.path.join(tempfile.mkdtemp(), "kernels.so")
    command = [os.environ.get("CC", "cc"), "-O3", "-march=native", "-ffast-math", "-mprefer-vector-width=512", "-fopenmp",
               "-shared", "-fPIC", f"-DD={head_width}", source, "-o", target, "-lm"]
    try:
        subprocess.run(command, check=True, capture_output=True)
        _lib, _width = ctypes.CDLL(target), head_width
    except (OSError, subprocess.CalledProcessError) as error:
        print("no fused kernels:", getattr(error, "stderr", error))
    return _lib is not None


def _call(name, *args):
    values = [ctypes.c_void_p(a.data_ptr()) if torch.is_tensor(a) else ctypes.c_long(a) if name.startswith("gelu")
              else ctypes.c_int(a) for a in args]
    getattr(_lib, name)(*values)


def _fused(x):
    return _lib is not None and not x.is_cuda


class _LnMod(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, shift, scale):
        x, shift, scale = x.contiguous(), shift.contiguous(), scale.contiguous()
        b, n, c = x.shape
        u, stat = torch.empty_like(x), x.new_empty(b * n, 2)
        _call("ln_mod", x, shift, scale, u, stat, b, n, c)
        ctx.save_for_backward(x, scale, stat)
        return u

    @staticmethod
    def backward(ctx, du):
        x, scale, stat = ctx.saved_tensors
        dx, dshift, dscale = torch.empty_like(x), torch.empty_like(scale), torch.empty_like(scale)
        _call("ln_mod_back", x, scale, stat, du.contiguous(), dx, dshift, dscale, *x.shape)
        return dx, dshift, dscale


def ln_mod(x, shift, scale):
    """LayerNorm without weights, then * (1 + scale) + shift; x [B,N,C], shift and scale [B,C]."""
    if _fused(x):
        return _LnMod.apply(x, shift, scale)
    return F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale[:, None]) + shift[:, None]


class _GateAdd(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gate, m):
        x, gate, m = x.contiguous(), gate.contiguous(), m.contiguous()
        out = torch.empty_like(x)
        _call("gate_add", x, gate, m, out, *x.shape)
        ctx.save_for_backward(gate, m)
        return out

    @staticmethod
    def backward(ctx, d):
        gate, m = ctx.saved_tensors
        d = d.contiguous()
        dm, dgate = torch.empty_like(m), torch.empty_like(gate)
        _call("gate_add_back", gate, m, d, dm, dgate, *m.shape)
        return d, dgate, dm


def gate_add(x, gate, m):
    """x + gate * m; x and m [B,N,C], gate [B,C]."""
    return _GateAdd.apply(x, gate, m) if _fused(x) else x + gate[:, None] * m


class _Gelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x = x.contiguous()
        out = torch.empty_like(x)
        _call("gelu", x, out, x.numel())
        ctx.save_for_backward(x)
        return out

    @staticmethod
    def backward(ctx, d):
        x, = ctx.saved_tensors
        dx = torch.empty_like(x)
        _call("gelu_back", x, d.contiguous(), dx, x.numel())
        return dx


def gelu(x):
    """The tanh form."""
    return _Gelu.apply(x) if _fused(x) else F.gelu(x, approximate="tanh")


class _SelfAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, qkv, gq, gk, cos, sin, shape):
        qkv, (b, t, s, heads, temporal) = qkv.contiguous(), shape
        out = qkv.new_empty(b, t * s, qkv.shape[-1] // 3)
        _call("self_attention", qkv, gq, gk, cos, sin, out, b, t, s, heads, int(temporal))
        ctx.save_for_backward(qkv, gq, gk, cos, sin)
        ctx.shape = shape
        return out

    @staticmethod
    def backward(ctx, dout):
        qkv, gq, gk, cos, sin = ctx.saved_tensors
        b, t, s, heads, temporal = ctx.shape
        dqkv, dgq, dgk = torch.empty_like(qkv), torch.zeros_like(gq), torch.zeros_like(gk)
        _call("self_attention_back", qkv, gq, gk, cos, sin, dout.contiguous(), dqkv, dgq, dgk, b, t, s, heads,
              int(temporal))
        return dqkv, dgq, dgk, None, None, None


def _rms(x, g):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * g


def _rotate(x, cos, sin):
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)


def self_attention(qkv, gq, gk, cos, sin, shape):
    """RMS norm of q and k, rotation when temporal, attention over space or time.

    qkv [B,T*S,3C]; gq, gk [d]; cos, sin [T,d/2]; shape (B, T, S, heads, temporal). Gives [B,T*S,C].
    """
    b, t, s, heads, temporal = shape
    if _fused(qkv) and max(t, s) <= 32 and len(gq) == _width:
        return _SelfAttention.apply(qkv, gq, gk, cos, sin, shape)
    d = len(gq)
    q, k, v = qkv.view(b, t, s, 3, heads, d).permute(3, 0, 2, 4, 1, 5) if temporal else \
        qkv.view(b, t, s, 3, heads, d).permute(3, 0, 1, 4, 2, 5)
    q, k = _rms(q, gq), _rms(k, gk)
    if temporal:
        q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
    o = torch.softmax(q * d ** -0.5 @ k.transpose(-1, -2), -1) @ v          # [b,s,h,t,d] or [b,t,h,s,d]
    return (o.permute(0, 3, 1, 2, 4) if temporal else o.permute(0, 1, 3, 2, 4)).reshape(b, t * s, heads * d)


class _CrossAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, kv, lengths, heads):
        q, kv = q.contiguous(), kv.contiguous()
        out = torch.empty_like(q)
        _call("cross_attention", q, kv, lengths, out, q.shape[0], q.shape[1], kv.shape[1], heads)
        ctx.save_for_backward(q, kv, lengths)
        ctx.heads = heads
        return out

    @staticmethod
    def backward(ctx, dout):
        q, kv, lengths = ctx.saved_tensors
        dq, dkv = torch.empty_like(q), torch.empty_like(kv)
        _call("cross_attention_back", q, kv, lengths, dout.contiguous(), dq, dkv, q.shape[0], q.shape[1], kv.shape[1],
              ctx.heads)
        return dq, dkv, None, None


def cross_attention(q, kv, lengths, heads):
    """Attention of q [B,N,C] to the first lengths[b] (int32) rows of kv [B,L,2C]."""
    b, n, c = q.shape
    if _fused(q) and kv.shape[1] <= 32 and c // heads == _width:
        return _CrossAttention.apply(q, kv, lengths, heads)
    d = c // heads
    k, v = kv.view(b, -1, 2, heads, d).permute(2, 0, 3, 1, 4)
    s = q.view(b, n, heads, d).transpose(1, 2) * d ** -0.5 @ k.transpose(-1, -2)
    hidden = torch.arange(kv.shape[1], device=q.device)[None] >= lengths[:, None]
    s = s.masked_fill(hidden[:, None, None], float("-inf"))
    return (torch.softmax(s, -1) @ v).transpose(1, 2).reshape(b, n, c)
