"""The same work in PyTorch, for side-by-side timing.

Usage: torch_peer.py WORK PRECISION THREADS, for example: torch_peer.py "matmul 5124x1152x4608" fp32 2
Protocol: prints "ready SECONDS" once the work is set up and warm, with what a run will take; then for every line read from
standard input, runs the work once and prints the seconds it took. Ends with the input. With --check, only says "ready".
"""
import sys

import torch

import torch_blocks
import torch_matmul
import torch_t5
import torch_vae
from torch_timing import seconds_of

WORKS = {
    "matmul": torch_matmul.matmul,
    "block pair": torch_blocks.block_pair,
    "STDiT3 step": torch_blocks.step,
    "VAE decode": torch_vae.decode,
    "T5-XXL encode": torch_t5.encode,
}


def main():
    if sys.argv[1:] == ["--check"]:
        print("ready", flush=True)
        return
    name, precision, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    kind, size = name.rsplit(" ", 1)
    work = WORKS[kind](size, {"fp32": torch.float32, "bf16": torch.bfloat16}[precision])
    print("ready", work.warm_up(), flush=True)
    for _ in sys.stdin:
        print(seconds_of(work.run), flush=True)


main()
