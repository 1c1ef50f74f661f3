"""Muon for weight matrices and convolutions, AdamW for everything else, in one object; and weight averaging.

Muon: the momentum of a matrix is replaced by (nearly) its nearest orthogonal matrix, found by a
Newton-Schulz iteration, so that every direction learns at the same speed.
"""
import torch


def orthogonalise(g, steps=4):
    """Nearest orthogonal matrix, approximately: singular values near one.

    Every step multiplies g by a polynomial of g g'; the products of these are found before g itself is touched again,
    since they are small where g is wide."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[0] > g.shape[1]
    x = g.t() if tall else g
    p = x @ x.t()
    scale = 1 / (p.diagonal().sum() + 1e-14)
    p, q = p * scale, None
    for k in range(steps):
        m = torch.addmm(p, p, p, beta=b, alpha=c)
        m.diagonal().add_(a)
        q = m if q is None else m @ q
        if k < steps - 1:
            p = m @ (m @ p)
    x = (q * scale.sqrt()) @ x
    return x.t() if tall else x


class Optimiser:
    def __init__(self, named, matrix_lr=0.02, lr=2e-3, momentum=0.95, betas=(0.9, 0.98), plain=()):
        """`named` are (name, parameter); names that contain a text of `plain` never go to Muon."""
        named = [(n, p) for n, p in named if p.requires_grad]
        is_matrix = lambda n, p: p.dim() >= 2 and min(p.shape[0], p[0].numel()) > 4 and not any(t in n for t in plain)
        self.matrices = [p for n, p in named if is_matrix(n, p)]
        self.others = [p for n, p in named if not is_matrix(n, p)]
        self.matrix_lr, self.lr, self.momentum, self.betas = matrix_lr, lr, momentum, betas
        self.state = {"step": 0, "buf": [torch.zeros_like(p) for p in self.matrices],
                      "m": [torch.zeros_like(p) for p in self.others], "v": [torch.zeros_like(p) for p in self.others]}

    def share_memory(self):
        for values in (self.state[k] for k in ("buf", "m", "v")):
            for t in values:
                t.share_memory_()

    def zero_grad(self):
        for p in self.matrices + self.others:
            p.grad = None

    @torch.no_grad()
    def step(self, factor=1.0, clip=1.0, part=0, parts=1):
        """One update with both learning rates times `factor`; returns the norm of the gradient.

        With `parts` processes that share weights and state, each updates its own part of them."""
        params = [p for p in self.matrices + self.others if p.grad is not None]
        norm = torch.stack([p.grad.norm() for p in params]).norm()
        shrink = min(1.0, clip / (float(norm) + 1e-6))
        s = self.state
        s["step"] += 1
        for p, momentum in list(zip(self.matrices, s["buf"]))[part::parts]:
            if p.grad is None:
                continue
            momentum.lerp_(p.grad, 1 - self.momentum)
            update = orthogonalise(torch.lerp(p.grad, momentum, self.momentum).flatten(1))
            lr = self.matrix_lr * factor * max(1.0, update.shape[0] / update.shape[1]) ** 0.5
            p.add_(update.view_as(p), alpha=-lr)
        b1, b2 = self.betas
        c1, c2 = 1 - b1 ** s["step"], 1 - b2 ** s["step"]
        for p, m, v in list(zip(self.others, s["m"], s["v"]))[part::parts]:
            if p.grad is None:
                continue
            g = p.grad * shrink
            m.lerp_(g, 1 - b1)
            v.mul_(b2).addcmul_(g, g, value=1 - b2)
            p.addcdiv_(m, (v / c2).sqrt_().add_(1e-8), value=-self.lr * factor / c1)
        return float(norm)


class Average:
    """Exponential moving average of the weights of a model."""

    def __init__(self, model, decay=0.999):
        self.decay, self.steps = decay, 0
        self.values = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model):
        self.steps += 1
        d = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for k, v in model.state_dict().items():
            self.values[k].lerp_(v, 1 - d)
