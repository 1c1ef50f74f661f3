"""What every piece of work in PyTorch is made of."""
import contextlib
import time

import torch


def seconds_of(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


class Work:
    """Something to run, and how to warm up, which tells the seconds that a run will take."""

    def __init__(self, run, warm_up=None):
        self.run = run
        self.warm_up = warm_up or self.run_twice

    def run_twice(self):
        self.run()
        return seconds_of(self.run)


@contextlib.contextmanager
def quick():
    """Modules made inside have cheap random weights: a few numbers over and over."""
    numbers = torch.rand(65537) * 2 - 1

    def fill(tensor, *_, **__):
        with torch.no_grad():
            fan_in = tensor[0].numel() if tensor.dim() > 1 else 1024
            flat = tensor.view(-1)
            for start in range(0, flat.numel(), numbers.numel()):
                part = flat[start:start + numbers.numel()]
                part.copy_(numbers[:part.numel()])
            return tensor.mul_(fan_in ** -0.5)

    saved = torch.nn.init.kaiming_uniform_, torch.nn.init.uniform_
    torch.nn.init.kaiming_uniform_, torch.nn.init.uniform_ = fill, fill
    try:
        yield
    finally:
        torch.nn.init.kaiming_uniform_, torch.nn.init.uniform_ = saved
