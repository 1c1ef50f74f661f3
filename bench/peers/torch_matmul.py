"""A linear layer in PyTorch."""
import torch
import torch.nn as nn

from torch_timing import Work


def matmul(size, dtype):
    rows, depth, columns = (int(part) for part in size.split("x"))
    layer = nn.Linear(depth, columns).to(dtype)
    x = torch.randn(rows, depth).to(dtype)
    return Work(lambda: layer(x))
