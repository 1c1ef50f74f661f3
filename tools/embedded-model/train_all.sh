#!/bin/sh
# All stages, one after the other. Every stage continues from its checkpoint when it is started again.
#   ./train_all.sh WORK SPIECE OUT
# WORK: folder for checkpoints, caches and curves; SPIECE: a SentencePiece unigram file with the words of the world
# (spiece.model of the package); OUT: where the package is written. SEED (default 1) makes another model of the same
# recipe; DEVICE=cuda trains on a GPU, in fewer and larger steps; QUICK=1 takes a few steps of every stage, to see in
# two minutes that all of them work here.
set -e
work=$1 spiece=$2 out=$3 seed=${SEED:-1} device=${DEVICE:-cpu}
here=$(dirname "$0")
python=${PYTHON:-python3}
export OMP_WAIT_POLICY=passive OPENBLAS_NUM_THREADS=1 PYTHONUNBUFFERED=1
mkdir -p "$work"

if [ "$device" = cpu ]; then
    drawing=2 team="--workers 2" transformer="--steps 10000 --batch 16"
else
    drawing=8 team="--workers 1" transformer="--steps 10000 --batch 64"
fi
clips=180 others=4 redrawn=60 samples=60 steps=
if [ -n "$QUICK" ]; then
    clips=1 others=1 redrawn=1 samples=1 steps="--steps 3" transformer="--batch 4"
fi

step() { program=$1; shift; echo "== $program $*"; "$python" "$here/$program" --config "$here/config.json" "$@"; }
draw() { step clips.py --spatial "$work/spatial.pt" --workers $drawing --device "$device" "$@"; }
train() { step "$@" $steps --seed "$seed" --device "$device"; }

train train_spatial.py --checkpoint "$work/spatial.pt"
draw --folder "$work/clips" --count $clips --seed "${seed}1" --two 0.3
draw --folder "$work/unseen" --count $others --seed "${seed}2" --scenes world
draw --folder "$work/heldout" --count $others --seed "${seed}3" --scenes held-out
train train_temporal.py --spatial "$work/spatial.pt" --folder "$work/clips" --checkpoint "$work/temporal.pt" $team
for folder in clips unseen heldout; do
    step latents.py --temporal "$work/temporal.pt" --folder "$work/$folder" --vae "$work/vae.pt" $team --device "$device"
done
train train_transformer.py --tokenizer "$spiece" --folder "$work/clips" --validation "$work/unseen" \
    --held-out "$work/heldout" --checkpoint "$work/transformer.pt" $transformer $team
step redraw.py --tokenizer "$spiece" --generator "$work/transformer.pt" --folder "$work/clips" --count $redrawn \
    --device "$device"
train train_decoders.py --start "$work/vae.pt" --folder "$work/clips" --checkpoint "$work/decoders.pt" $team
step evaluate.py --vae "$work/decoders.pt" --count $samples
for kind in "" --held-out --two; do
    step evaluate.py --vae "$work/decoders.pt" --generator "$work/transformer.pt" --tokenizer "$spiece" --count $samples $kind
done
step export.py --tokenizer "$spiece" --vae "$work/decoders.pt" --generator "$work/transformer.pt" --out "$out"
