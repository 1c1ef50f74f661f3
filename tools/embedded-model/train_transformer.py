"""Stage 3: the text encoder and the diffusion transformer, together, on cached latents."""
import argparse
import json
import os
import threading

import numpy as np
import torch

import captions
import clips
import flow
import kernels
from generator import Generator
from latents import latent_path
from optimiser import Average, Optimiser
from progress import Run
from tokenizer import Tokenizer


class Latents:
    """Normalised latents with fresh captions."""

    def __init__(self, folder, seed, shards=10 ** 6, held_out=False):
        self.folder, self.seed, self.limit, self.held_out = folder, seed, shards, held_out
        self.z, self.scenes, self.known = torch.empty(0, *flow.LATENT_SHAPE), [], set()
        self.refresh()

    def refresh(self):
        new = [i for i in clips.available(self.folder)[:self.limit]
               if i not in self.known and os.path.exists(latent_path(self.folder, i))]
        for i in new:
            self.known.add(i)
            self.scenes += [clips.scene_of(self.seed, i * clips.SHARD + k, self.held_out)[0] for k in range(clips.SHARD)]
        self.z = torch.cat([self.z] + [torch.load(latent_path(self.folder, i)) for i in new])

    def batch(self, rng, count):
        which = rng.choice(len(self.z), count, replace=False)
        return self.z[torch.from_numpy(which)], [captions.caption(self.scenes[i], rng) for i in which]


WATCH, PLACE = 1, 0.1      # the pair of blocks after which frames shall know their place, and the weight of that


def velocity_loss(model, tokenizer, z, texts, times, noise, drop, sampling):
    """For clean latents z at `times` (0..1): the mean squared error of the velocity [B], and the place loss.

    `drop` marks null captions."""
    ids, mask, lengths = model.read(tokenizer, texts, z.device)
    y = model.text(ids, mask)
    y = torch.where(drop[:, None, None], model.null(len(z), y.shape[1]), y)
    t = times.view(-1, 1, 1, 1, 1)
    v, seen = model.transformer((1 - t) * z + t * noise, 1000 * times, y, lengths, sampling["fps"], sampling["height"],
                                sampling["width"], watch=WATCH)
    return (v[:, :4] - (z - noise)).pow(2).flatten(1).mean(1), model.place_loss(seen)


def validate(model, values, tokenizer, data, sampling, count=64):
    """Loss of the averaged weights on a fixed set of clips, times and noises."""
    kept = {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(values)
    generator, rng, device = torch.Generator().manual_seed(5), np.random.default_rng(5), next(model.parameters()).device
    z, texts = data.batch(rng, count)
    noise = torch.randn(z.shape, generator=generator)
    times = (torch.arange(count) + 0.5) / count
    with torch.no_grad():
        loss, _ = velocity_loss(model, tokenizer, z.to(device), texts, times.to(device), noise.to(device),
                                torch.zeros(count, dtype=torch.bool, device=device), sampling)
    model.load_state_dict(kept)
    return loss.mean().item(), loss[times.argsort()].view(4, -1).mean(1).tolist()


def work(worker, a, model, optimiser, average, used, step, lock):
    """The loop of one worker. All workers share the weights and the optimiser's memory; a lock guards the update."""
    torch.set_num_threads(a.threads)
    config = json.load(open(a.config))
    sampling = config["sampling"]
    tokenizer = Tokenizer(a.tokenizer)
    if a.device == "cpu":
        kernels.use_fused(config["transformer"]["hidden_size"] // config["transformer"]["num_heads"])
    run = Run(a.checkpoint, a.minutes, log_every=100)
    run.used, run.step = used, step
    rng = np.random.default_rng([a.seed, step, worker])
    torch.manual_seed(a.seed + step + 7919 * worker)
    local = model if a.workers == 1 else Generator(config)       # gradients of a worker are its own
    data = Latents(a.folder, a.seed)
    unseen = Latents(a.validation, a.seed + 1) if a.validation and worker == 0 else None
    store = lambda: {"model": average.values, "raw": model.state_dict(), "optimiser": optimiser.state}
    while run.progress < 1:
        if local is not model:
            with lock:
                local.load_state_dict(model.state_dict())
        z, texts = data.batch(rng, a.batch)
        z = z.to(a.device)
        times = flow.training_times(a.batch, a.shift, a.shifted).to(a.device)
        drop = torch.rand(a.batch, device=a.device) < a.drop
        loss, place = velocity_loss(local, tokenizer, z, texts, times, torch.randn_like(z), drop, sampling)
        loss = loss.mean()
        local.zero_grad(set_to_none=True)
        (loss + PLACE * place).backward()
        with lock:
            if local is not model:
                for p, q in zip(model.parameters(), local.parameters()):
                    p.grad = q.grad
            norm = optimiser.step(run.rate(100, a.flat))
            average.update(model)
        run.log(loss=loss, place=place, norm=norm)
        if run.step % 500 == 0:
            data.refresh()
            if unseen:
                total, quarters = validate(local, average.values, tokenizer, unseen, sampling)
                print(f"   clips {len(data.z)} updates {optimiser.state['step']} unseen loss {total:.4f} by time",
                      *(f"{q:.3f}" for q in quarters), flush=True)
        if worker == 0:
            with lock:
                run.save(store)
    if worker == 0:
        run.save(store, force=True)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--tokenizer", required=True)
    a.add_argument("--folder", required=True, help="cache of clips.py and latents.py")
    a.add_argument("--validation", help="a cache of clips that training does not see")
    a.add_argument("--checkpoint", required=True)
    a.add_argument("--minutes", type=float, default=60)
    a.add_argument("--batch", type=int, default=16)
    a.add_argument("--matrix-lr", type=float, default=0.012)
    a.add_argument("--lr", type=float, default=2e-3)
    a.add_argument("--flat", type=float, default=0.2, help="share of the run at the full learning rate")
    a.add_argument("--shifted", type=float, default=0.5, help="share of times drawn with the shift, the rest is even")
    a.add_argument("--shift", type=float, default=2.0, help="ratio of the shift: above one favours noisy times, where "
                   "layout and motion are decided; sampling at this size uses 0.395")
    a.add_argument("--drop", type=float, default=0.1, help="share of null captions")
    a.add_argument("--threads", type=int, default=1, help="threads of a worker")
    a.add_argument("--workers", type=int, default=1, help="processes that update the same weights, without waiting "
                   "for each other; the better choice where other programs use the cores as well")
    a.add_argument("--device", default="cpu")
    a.add_argument("--seed", type=int, default=11, help="the seed of the clips")
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    model = Generator(json.load(open(a.config))).to(a.device)
    plain = ("shared", "relative", "x_embedder", "final_layer", "scale_shift", "y_embedding", "probe")
    optimiser = Optimiser(model.named_parameters(), matrix_lr=a.matrix_lr, lr=a.lr, plain=plain)
    average, run = Average(model, 0.998), Run(a.checkpoint, a.minutes)
    state = run.load()
    if state:
        model.load_state_dict(state["raw"])
        optimiser.state, average.values, average.steps = state["optimiser"], state["model"], run.step
    if a.workers == 1:
        return work(0, a, model, optimiser, average, run.used, run.step, threading.Lock())
    model.share_memory()
    for t in [t for k in ("buf", "m", "v") for t in optimiser.state[k]] + list(average.values.values()):
        t.share_memory_()
    lock = torch.multiprocessing.Lock()
    others = [torch.multiprocessing.Process(target=work, args=(k, a, model, optimiser, average, run.used, run.step, lock))
              for k in range(1, a.workers)]
    for p in others:
        p.start()
    work(0, a, model, optimiser, average, run.used, run.step, lock)
    for p in others:
        p.join()


if __name__ == "__main__":
    main()
