"""Time-boxed training that survives a restart: progress 0..1, checkpoints, a log line now and then."""
import os
import time

import torch


class Run:
    """Training lasts `minutes` of running time; the checkpoint remembers how much of it is used."""

    def __init__(self, path, minutes, save_every=120, log_every=50):
        self.path, self.minutes, self.save_every, self.log_every = path, minutes, save_every, log_every
        self.used, self.step, self.start, self.saved = 0.0, 0, time.time(), time.time()
        self.sums, self.count = {}, 0

    def load(self):
        """The stored state, or None for a fresh start."""
        if not os.path.exists(self.path):
            return None
        state = torch.load(self.path, map_location="cpu")
        self.used, self.step = state["used"], state["step"]
        return state

    @property
    def elapsed(self):
        return self.used + time.time() - self.start

    @property
    def progress(self):
        return self.elapsed / (60 * self.minutes)

    def rate(self, warm=100, flat=0.4):
        """Learning-rate factor: a short rise, flat, then linear to zero."""
        return min(1.0, (self.step + 1) / warm) * max(0.02, min(1.0, (1 - self.progress) / (1 - flat)))

    def log(self, **values):
        self.step += 1
        self.count += 1
        for k, v in values.items():
            self.sums[k] = self.sums.get(k, 0.0) + float(v)
        if self.step % self.log_every == 0:
            text = " ".join(f"{k} {v / self.count:.4f}" for k, v in self.sums.items())
            print(f"{time.strftime('%H:%M:%S')} step {self.step} ({self.elapsed:.0f} s) {text}", flush=True)
            self.sums, self.count = {}, 0

    def save(self, state, force=False):
        """`state` is called only when it is time to store it."""
        if force or time.time() - self.saved > self.save_every:
            torch.save({**state(), "used": self.elapsed, "step": self.step}, self.path + ".tmp")
            os.replace(self.path + ".tmp", self.path)
            self.saved = time.time()
