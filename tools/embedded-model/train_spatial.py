"""Stage 1: the 2D autoencoder, on single frames of the world drawn on the fly.

Loss: L1 + 2 MSE + half the L1 of the gradients, all weighted towards pixels that a thing covers, small things more
than big ones. The latents are the posterior means; a fixed noise on them and a small pull towards zero keep them smooth.
"""
import argparse
import json

import numpy as np
import torch
import torch.nn.functional as F

import world
from augmentation import training_scene
from models.video_vae import VideoVae
from optimiser import Average, Optimiser
from progress import Run

NOISE, PULL = 0.08, 1e-3
USUAL_SHARE = 0.1        # of a picture, covered by a thing of usual size and its rim


def frames(rng, count):
    """Frames [n,3,64,64] in [-1,1] and pixel weights [n,1,64,64] with mean about one."""
    images, weights = [], []
    for _ in range(count):
        image, covered = world.render(training_scene(rng, 0.3), rng, [rng.integers(world.FRAMES)])
        images.append(image[0])
        weights.append(covered[0])
    x = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x, pixel_weights(torch.from_numpy(np.stack(weights))[:, None])


def pixel_weights(covered):
    """Weights of pixels, for how much things cover them (both [...,1,64,64]): five times as much or more where a thing is."""
    near = F.max_pool2d(covered.flatten(0, -4), 5, 1, 2).view(covered.shape)
    share = near.mean((-2, -1), keepdim=True).clamp(min=1e-3)
    return 0.6 + 2.4 * near * (USUAL_SHARE / share).sqrt().clamp(0.8, 2.5)


def picture_loss(y, x, w):
    """The loss of a reconstruction y of x under weights w (all [n,.,H,W])."""
    d = y - x
    dx, dy = d[..., 1:] - d[..., :-1], d[..., 1:, :] - d[..., :-1, :]
    return ((w * d.abs()).mean() + 2 * (w * d * d).mean()
            + 0.5 * ((w[..., 1:] * dx.abs()).mean() + (w[..., 1:, :] * dy.abs()).mean()))


def psnr(y, x):
    """Mean over the first axis, in dB, of pictures in [-1,1]."""
    return (-10 * torch.log10(((y.clamp(-1, 1) - x) / 2).pow(2).flatten(1).mean(1))).mean()


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--config", required=True)
    a.add_argument("--checkpoint", required=True)
    a.add_argument("--steps", type=int, default=3000)
    a.add_argument("--batch", type=int, default=12)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--device", default="cpu")
    a.add_argument("--seed", type=int, default=1)
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    model = VideoVae(json.load(open(a.config))["vae"]).to(a.device)
    net = model.spatial
    optimiser = Optimiser(net.named_parameters(), matrix_lr=0.02, lr=3e-3, plain=("conv_out", "conv_in"))
    average, run = Average(net, 0.998), Run(a.checkpoint, a.steps)
    state = run.load(a.device)
    if state:
        net.load_state_dict(state["raw"])
        optimiser.state, average.values, average.steps = state["optimiser"], state["model"], run.step
    rng = np.random.default_rng([a.seed, run.step])
    while run.step < run.steps:
        x, w = (t.to(a.device) for t in frames(rng, a.batch))
        mean, _ = net.encode(x)
        y = net.decode(mean + NOISE * torch.randn_like(mean))
        loss = picture_loss(y, x, w)
        optimiser.zero_grad()
        (loss + PULL * mean.pow(2).mean()).backward()
        optimiser.step(run.rate(50, 0.3))
        average.update(net)
        run.log(loss=loss, psnr=psnr(y.detach(), x), std=mean.detach().std())
        run.save(lambda: {"model": average.values, "raw": net.state_dict(), "optimiser": optimiser.state})
    run.save(lambda: {"model": average.values, "raw": net.state_dict(), "optimiser": optimiser.state}, force=True)


if __name__ == "__main__":
    main()
