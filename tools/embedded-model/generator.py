"""Text encoder and transformer as one module: what stage 3 trains."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from models.stdit3 import STDiT3
from models.t5 import T5Encoder


class Generator(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.text = T5Encoder(config["text_encoder"])
        self.transformer = STDiT3(**config["transformer"])
        self.transformer.y_embedder.y_embedding.requires_grad_(False)
        self.frame_probe = nn.Linear(config["transformer"]["hidden_size"], 10)     # training only, see place_loss
        self.length = config["transformer"]["model_max_length"]

    def read(self, tokenizer, texts, device):
        """Token ids, mask and lengths, cut to the longest sentence."""
        ids, mask = (torch.tensor(v, device=device) for v in tokenizer.batch(texts, self.length))
        longest = int(mask.sum(1).max())
        return ids[:, :longest], mask[:, :longest], mask.sum(1).int()

    def place_loss(self, tokens):
        """How badly the tokens [B,T,S,C] know which frame they belong to: a cross entropy."""
        b, t, _, c = tokens.shape
        guess = self.frame_probe(F.layer_norm(tokens.mean(2), (c,))).flatten(0, 1)
        return F.cross_entropy(guess, torch.arange(t, device=tokens.device).repeat(b))

    def null(self, count, longest):
        """The null caption; it is seen through the prompt's mask."""
        return self.transformer.y_embedder.y_embedding[:longest].expand(count, -1, -1)
