"""Stage 3: the text encoder and the diffusion transformer, together, on cached latents."""
import argparse
import json

import numpy as np
import torch
import torch.nn.functional as F

import flow
import kernels
from augmentation import FREE, soft_caption
from clips import SHARD, Clips
from generator import Generator
from optimiser import Average, Optimiser
from progress import Run
from team import Team
from tokenizer import Tokenizer


class Latents:
    """Normalised latents of some folders with fresh captions."""

    def __init__(self, folders, free):
        self.free = free
        self.folders, self.known = [Clips(f) for f in folders], set()
        self.z, self.cover, self.scenes = torch.empty(0, *flow.LATENT_SHAPE), torch.empty(0, 10, 32, 32).byte(), []
        self.refresh()

    def refresh(self):
        """Takes the shards that have come since."""
        new = [(c, i) for c in self.folders for i in c.available("cover") if (c.folder, i) not in self.known]
        self.known.update((c.folder, i) for c, i in new)
        self.z = torch.cat([self.z] + [c.load("latent", i) for c, i in new])
        self.cover = torch.cat([self.cover] + [c.load("cover", i) for c, i in new])
        self.scenes += [c.scene(i * SHARD + k)[0] for c, i in new for k in range(SHARD)]

    def batch(self, rng, count):
        """Latents, coverage 0 to 1, soft captions."""
        which = rng.choice(len(self.z), count, replace=False)
        picked = torch.from_numpy(which)
        return self.z[picked], self.cover[picked] / 255, [soft_caption(self.scenes[i], rng, self.free) for i in which]


UNKNOWN = 2                # piece of the tokenizer; pad and end come before it
WATCH = 1                  # the pair of blocks after which tokens shall know their frame and what things cover
PLACE, COVER = 0.1, 0.5    # the weights of that
ROLE = 0.5                 # the weight of words knowing whose they are
THING = 4                  # how much more the velocity of a thing's places weighs, see thing_weights


def read(model, tokenizer, texts, hide, device):
    """Caption features of soft captions, and their lengths; `hide` is the share of words replaced by the unknown piece."""
    first, second, share, _ = zip(*texts)
    ids, mask, lengths = model.read(tokenizer, first, device)
    others = model.read(tokenizer, second, device)[0]
    hidden = (torch.rand(ids.shape, device=device) < hide) & (ids > UNKNOWN)
    ids, others = (i.masked_fill(hidden, UNKNOWN) for i in (ids, others))
    return model.text(ids, mask, others, torch.tensor(share, device=device)), lengths


def roles(tokenizer, texts, length, device):
    """The roles of the pieces of soft captions [B,L], -1 for what is no word."""
    rows = [tokenizer.by_piece(t.first, t.roles)[:length] for t in texts]
    return torch.tensor([r + [-1] * (length - len(r)) for r in rows], device=device)


def velocity_loss(model, z, y, lengths, times, noise, sampling):
    """For clean latents z at `times` (0..1) and caption features y: the squared error of the velocity [B,T,h,w], and the
    tokens on the way."""
    t = times.view(-1, 1, 1, 1, 1)
    v, seen = model.transformer((1 - t) * z + t * noise, 1000 * times, y, lengths, sampling["fps"], sampling["height"],
                                sampling["width"], watch=WATCH)
    return (v[:, :4] - (z - noise)).pow(2).mean(1), seen


def thing_weights(cover, times):
    """Weights [B,T,h,w], one on average, of the places of latents for coverage [B,T,4h,4w].

    Backgrounds are most of a clip and soon learnt; shapes are few places. Places at and around things weigh more, the
    more the less noise there is: in pure noise it is not known where things are, and weights would invent some."""
    near = F.max_pool2d(cover, 8, stride=4, padding=2)
    weights = 1 + THING * (1 - times).view(-1, 1, 1, 1) * near
    return weights / weights.mean()


def validate(model, tokenizer, data, sampling, device, count=128):
    """Loss by quarters of time on a fixed set of clips, times and noises."""
    generator, rng = torch.Generator().manual_seed(5), np.random.default_rng(5)
    z, _, texts = data.batch(rng, count)
    noise, times = torch.randn(z.shape, generator=generator), (torch.arange(count) + 0.5) / count
    z, times, noise = (t.to(device) for t in (z, times, noise))
    with torch.no_grad():
        loss, _ = velocity_loss(model, z, *read(model, tokenizer, texts, 0, device), times, noise, sampling)
    return loss.view(4, -1).mean(1).tolist()


def report(run, a, average, sets, tokenizer, config):
    """A line with the losses of the averaged weights on clips that training does not see."""
    model = Generator(config).to(a.device).eval()
    model.load_state_dict(average.values)
    for name, data in sets.items():
        quarters = validate(model, tokenizer, data, config["sampling"], a.device)
        run.note(**{f"{name} {q + 1}": v for q, v in enumerate(quarters)}, **{name: sum(quarters) / 4})


def work(rank, a, team, optimiser, average, run):
    """The loop of one process; the first one also averages, validates and saves."""
    torch.set_num_threads(a.threads)
    config = json.load(open(a.config))
    tokenizer, model, first = Tokenizer(a.tokenizer), team.model, rank == 0
    if a.device == "cpu":
        kernels.use_fused(config["transformer"]["hidden_size"] // config["transformer"]["num_heads"])
    rng = np.random.default_rng([a.seed, run.step, rank])
    torch.manual_seed(1000 * a.seed + 10 * run.step + rank)
    team.join(rank)
    data = Latents(a.folder, a.free)
    sets = {name: Latents([folder], a.free) for name, folder in (("unseen", a.validation), ("heldout", a.held_out)) if folder}
    count = a.batch // a.workers
    store = lambda: {"model": average.values, "raw": model.state_dict(), "optimiser": optimiser.state}
    while run.step < run.steps:
        z, cover, texts = data.batch(rng, count)
        z, cover = z.to(a.device), cover.to(a.device)
        times = flow.training_times(count, a.shift, a.shifted).to(a.device)
        drop = torch.rand(count, device=a.device) < a.drop
        y, lengths = read(model, tokenizer, texts, a.hide, a.device)
        role = model.role_loss(y, roles(tokenizer, texts, y.shape[1], a.device))
        y = torch.where(drop[:, None, None], model.null(*y.shape[:2]), y)
        error, seen = velocity_loss(model, z, y, lengths, times, torch.randn_like(z), config["sampling"])
        loss = (error * thing_weights(cover, times)).mean()
        place, covered = model.place_loss(seen), model.cover_loss(seen, cover)
        team.clear()
        (loss + PLACE * place + COVER * covered + ROLE * role).backward()
        team.average()
        optimiser.step(run.rate(100, a.flat), part=rank, parts=a.workers)
        team.wait()
        run.log(first, loss=loss.detach(), place=place.detach(), cover=covered.detach(), role=role.detach())
        if run.step % 500 == 0:
            data.refresh()
        if first:
            average.update(model)
            if run.step % 1000 == 0:
                report(run, a, average, sets, tokenizer, config)
            run.save(store, force=run.step == run.steps)


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--tokenizer", required=True)
    a.add_argument("--folder", required=True, nargs="+", help="caches of clips.py and latents.py")
    a.add_argument("--validation", help="a cache of clips that training does not see")
    a.add_argument("--held-out", help="a cache of clips with pairs that training never shows; its loss is only logged")
    a.add_argument("--checkpoint", required=True)
    a.add_argument("--start", help="weights of another checkpoint to begin with; the count of steps begins anew")
    a.add_argument("--steps", type=int, default=10000)
    a.add_argument("--batch", type=int, default=16, help="clips of all workers together")
    a.add_argument("--matrix-lr", type=float, default=0.012)
    a.add_argument("--lr", type=float, default=2e-3)
    a.add_argument("--flat", type=float, default=0.2, help="share of the run at the full learning rate")
    a.add_argument("--shifted", type=float, default=0.3, help="share of times drawn with the shift, the rest is even")
    a.add_argument("--shift", type=float, default=2.0, help="ratio of the shift: above one favours noisy times, where "
                   "layout and motion are decided; sampling at this size uses 0.395")
    a.add_argument("--drop", type=float, default=0.1, help="share of null captions")
    a.add_argument("--hide", type=float, default=0.05, help="share of the words that are hidden from the text encoder")
    a.add_argument("--free", type=float, default=FREE, help="share of the sentences that are freely worded")
    a.add_argument("--workers", type=int, default=1, help="processes that share the work of every step")
    a.add_argument("--threads", type=int, default=1, help="threads of a worker")
    a.add_argument("--device", default="cpu")
    a.add_argument("--seed", type=int, default=3)
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    model = Generator(json.load(open(a.config))).to(a.device)
    if a.start:
        model.load_state_dict(torch.load(a.start, map_location=a.device)["model"])
    plain = ("shared", "relative", "x_embedder", "final_layer", "scale_shift", "y_embedding", "probe")
    optimiser = Optimiser(model.named_parameters(), matrix_lr=a.matrix_lr, lr=a.lr, plain=plain)
    average, run = Average(model, 0.999), Run(a.checkpoint, a.steps, log_every=100, processes=a.workers)
    state = run.load(a.device)
    if state:
        model.load_state_dict(state["raw"])
        optimiser.state, average.values, average.steps = state["optimiser"], state["model"], run.step
    optimiser.share_memory()
    team = Team(model, a.workers)
    team.start(work, a, team, optimiser, average, run)


if __name__ == "__main__":
    main()
