"""Processes that train one model together: each computes the gradient of its part of a batch and updates its part of
the weights. For given seeds and number of processes the result is always the same."""
import torch


def run_processes(work, count, *arguments):
    """Calls work(rank, *arguments) in so many processes, and returns when all are done. A single one is this process."""
    if count == 1:
        return work(0, *arguments)
    torch.multiprocessing.start_processes(work, arguments, count, start_method="fork")


class Team:
    """Made before the processes are forked by `start`; `join` is called in each of them."""

    def __init__(self, model, workers):
        self.model, self.workers = model, workers
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        if workers > 1:
            model.share_memory()
            size = sum(p.numel() for p in self.parameters)
            self.gradients = torch.zeros(workers, size).share_memory_()
            self.barrier = torch.multiprocessing.Barrier(workers)

    def start(self, work, *arguments):
        """Calls work(rank, *arguments) in every process, and returns when all are done."""
        run_processes(work, self.workers, *arguments)

    def join(self, rank):
        self.rank = rank
        size, device = sum(p.numel() for p in self.parameters), self.parameters[0].device
        self.own, start = torch.zeros(size, device=device), 0
        for p in self.parameters:
            p.grad = self.own[start:start + p.numel()].view_as(p)
            start += p.numel()

    def clear(self):
        self.own.zero_()

    def average(self):
        """The gradient of every process becomes the mean of all."""
        if self.workers > 1:
            self.gradients[self.rank].copy_(self.own)
            self.barrier.wait()
            torch.mean(self.gradients, 0, out=self.own)

    def wait(self):
        if self.workers > 1:
            self.barrier.wait()
