"""The three models of Open-Sora v1.2, written for training at small sizes; module names give the published tensor names."""
