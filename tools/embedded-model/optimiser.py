"""Muon for weight matrices and convolutions, AdamW for everything else, in one object; and weight averaging.

Muon: the momentum of a matrix is replaced by (nearly) its nearest orthogonal matrix, found by a
Newton-Schulz iteration, so that every direction learns at the same speed.
"""
import torch


def orthogonalise(g, steps=4):
    """Nearest orthogonal matrices of a batch [n, rows, cols], approximately: singular values near one."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[1] > g.shape[2]
    x = g.transpose(1, 2) if tall else g
    x = x / (x.flatten(1).norm(dim=1).view(-1, 1, 1) + 1e-7)
    for _ in range(steps):
        p = x @ x.transpose(1, 2)
        x = a * x + (b * p + c * (p @ p)) @ x
    return x.transpose(1, 2) if tall else x


class Optimiser:
    def __init__(self, named, matrix_lr=0.02, lr=2e-3, momentum=0.95, betas=(0.9, 0.98), decay=0.0, plain=()):
        """`named` are (name, parameter); names that contain a text of `plain` never go to Muon."""
        named = [(n, p) for n, p in named if p.requires_grad]
        is_matrix = lambda n, p: p.dim() >= 2 and min(p.shape[0], p[0].numel()) > 4 and not any(t in n for t in plain)
        self.matrices = [p for n, p in named if is_matrix(n, p)]
        self.others = [p for n, p in named if not is_matrix(n, p)]
        self.matrix_lr, self.lr, self.momentum, self.betas, self.decay = matrix_lr, lr, momentum, betas, decay
        self.state = {"step": 0, "buf": [torch.zeros_like(p) for p in self.matrices],
                      "m": [torch.zeros_like(p) for p in self.others], "v": [torch.zeros_like(p) for p in self.others]}
        self.groups = {}
        for i, p in enumerate(self.matrices):
            self.groups.setdefault((p.shape[0], p[0].numel()), []).append(i)

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
        for (rows, cols), members in self.groups.items():
            members = members[part::parts]
            if not members:
                continue
            for i in members:
                if self.matrices[i].grad is not None:
                    s["buf"][i].lerp_(self.matrices[i].grad, 1 - self.momentum)
            g = torch.stack([(s["buf"][i] if self.matrices[i].grad is None else
                              torch.lerp(self.matrices[i].grad, s["buf"][i], self.momentum)).reshape(rows, cols)
                             for i in members])
            u = orthogonalise(g)
            lr = self.matrix_lr * factor * max(1.0, rows / cols) ** 0.5
            for k, i in enumerate(members):
                p = self.matrices[i]
                if self.decay:
                    p.mul_(1 - lr * self.decay)
                p.add_(u[k].view_as(p), alpha=-lr)
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
