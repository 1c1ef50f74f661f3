"""Training of a fixed number of steps that survives a restart: checkpoints, a log line and a point of the curve now and then."""
import json
import os
import time

import torch


class Run:
    """Counts steps, wall time and processor time; the checkpoint remembers all three."""

    def __init__(self, path, steps, save_every=120, log_every=50, processes=1):
        self.path, self.steps, self.save_every, self.log_every = path, steps, save_every, log_every
        self.processes = processes          # that share the work and use as much time as this one
        self.curve = os.path.splitext(path)[0] + ".jsonl"
        self.step, self.used, self.used_processor = 0, 0.0, 0.0
        self.start, self.start_processor, self.saved = time.time(), time.process_time(), time.time()
        self.sums, self.count = {}, 0

    def load(self, device="cpu"):
        """The stored state, or None for a fresh start."""
        if not os.path.exists(self.path):
            return None
        state = torch.load(self.path, map_location=device)
        self.step, self.used, self.used_processor = state["step"], state["used"], state["used_processor"]
        return state

    @property
    def wall(self):
        return self.used + time.time() - self.start

    @property
    def processor(self):
        """Seconds of processor time of all threads."""
        return self.used_processor + self.processes * (time.process_time() - self.start_processor)

    @property
    def progress(self):
        return self.step / self.steps

    def rate(self, warm=100, flat=0.4):
        """Learning-rate factor: a short rise, flat, then linear to zero."""
        return min(1.0, (self.step + 1) / warm) * max(0.02, min(1.0, (1 - self.progress) / (1 - flat)))

    def log(self, aloud=True, **values):
        """One step is done; `values` are averaged until the next line."""
        self.step += 1
        self.count += 1
        for k, v in values.items():
            self.sums[k] = self.sums.get(k, 0.0) + float(v)
        if self.step % self.log_every == 0 and aloud:
            self.note(**{k: v / self.count for k, v in self.sums.items()})
            self.sums, self.count = {}, 0

    def note(self, **values):
        """A line of numbers for the log and the curve."""
        times = {"step": self.step, "wall": round(self.wall), "processor": round(self.processor)}
        text = " ".join(f"{k} {v:.4f}" for k, v in values.items())
        print(f"{time.strftime('%H:%M:%S')} step {self.step}/{self.steps} ({times['wall']} s, processor "
              f"{times['processor']} s) {text}", flush=True)
        with open(self.curve, "a") as f:
            f.write(json.dumps({**times, **{k: round(v, 5) for k, v in values.items()}}) + "\n")

    def save(self, state, force=False):
        """`state` is called only when it is time to store it."""
        if force or time.time() - self.saved > self.save_every:
            torch.save({**state(), "used": self.wall, "used_processor": self.processor, "step": self.step},
                       self.path + ".tmp")
            os.replace(self.path + ".tmp", self.path)
            self.saved = time.time()
