"""Text encoder and transformer as one module: what stage 3 trains."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from captions import ROLES
from models.stdit3 import STDiT3
from models.t5 import T5Encoder


COVER = 8          # a token answers for 8x8 places of the coverage


class Generator(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.text = T5Encoder(config["text_encoder"])
        self.transformer = STDiT3(**config["transformer"])
        self.transformer.y_embedder.y_embedding.requires_grad_(False)
        width = config["transformer"]["hidden_size"]
        self.frame_probe = nn.Linear(width, 10)               # training only, see place_loss
        self.cover_probe = nn.Linear(width, COVER ** 2)       # training only, see cover_loss
        self.role_probe = nn.Linear(config["text_encoder"]["d_model"], ROLES)      # training only, see role_loss
        self.length = config["transformer"]["model_max_length"]

    def read(self, tokenizer, texts, device):
        """Token ids, mask and lengths, cut to the longest sentence."""
        ids, mask = (torch.tensor(v, device=device) for v in tokenizer.batch(texts, self.length))
        longest = int(mask.sum(1).max())
        return ids[:, :longest], mask[:, :longest], mask.sum(1).int()

    def role_loss(self, features, roles):
        """How badly the features [B,L,C] of words know whose they are, roles [B,L], -1 for none: a cross entropy.
        Without it, things of one sentence long exchange their colours and shapes."""
        guess = self.role_probe(F.layer_norm(features, features.shape[-1:]))
        return F.cross_entropy(guess.flatten(0, 1), roles.flatten(), ignore_index=-1)

    def place_loss(self, tokens):
        """How badly the tokens [B,T,S,C] know which frame they belong to: a cross entropy."""
        b, t, _, c = tokens.shape
        guess = self.frame_probe(F.layer_norm(tokens.mean(2), (c,))).flatten(0, 1)
        return F.cross_entropy(guess, torch.arange(t, device=tokens.device).repeat(b))

    def cover_loss(self, tokens, cover):
        """How badly the tokens [B,T,S,C] know what the things cover [B,T,H,W]: a cross entropy. Whatever its colour, a
        shape is the same here."""
        guess = self.cover_probe(F.layer_norm(tokens, tokens.shape[-1:]))
        b, t, h, w = cover.shape
        wanted = cover.view(b, t, h // COVER, COVER, w // COVER, COVER).transpose(3, 4).reshape(guess.shape)
        return F.binary_cross_entropy_with_logits(guess, wanted)

    def null(self, count, longest):
        """The null caption; it is seen through the prompt's mask."""
        return self.transformer.y_embedder.y_embedding[:longest].expand(count, -1, -1)
