#!/bin/sh
# All stages, one after the other. Every stage continues from its checkpoint when it is started again.
#   ./train_all.sh WORK SPIECE OUT
# WORK: folder for checkpoints, caches and curves; SPIECE: a SentencePiece unigram file with the words of the world
# (spiece.model of the package); OUT: where the package is written. SEED (default 1) makes another model of the same
# recipe; DEVICE=cuda trains on a GPU, in fewer and larger steps.
set -e
work=$1 spiece=$2 out=$3 seed=${SEED:-1} device=${DEVICE:-cpu}
here=$(dirname "$0")
python=${PYTHON:-python3}
export OMP_WAIT_POLICY=passive PYTHONUNBUFFERED=1
mkdir -p "$work"

if [ "$device" = cpu ]; then
    drawing=2 team="--workers 2" transformer="--steps 20000 --batch 16"
else
    drawing=8 team="--workers 1" transformer="--steps 10000 --batch 64"
fi

step() { program=$1; shift; echo "== $program $*"; "$python" "$here/$program" --config "$here/config.json" "$@"; }
draw() { step clips.py --spatial "$work/spatial.pt" --workers $drawing --device "$device" "$@"; }

step train_spatial.py --checkpoint "$work/spatial.pt" --seed "$seed" --device "$device"
draw --folder "$work/clips" --count 120 --seed "${seed}1"
draw --folder "$work/unseen" --count 4 --seed "${seed}2" --scenes world
draw --folder "$work/heldout" --count 4 --seed "${seed}3" --scenes held-out
step train_temporal.py --spatial "$work/spatial.pt" --folder "$work/clips" --checkpoint "$work/temporal.pt" \
    $team --seed "$seed" --device "$device"
for folder in clips unseen heldout; do
    step latents.py --temporal "$work/temporal.pt" --folder "$work/$folder" --vae "$work/vae.pt" $team --device "$device"
done
step train_transformer.py --tokenizer "$spiece" --folder "$work/clips" --validation "$work/unseen" \
    --held-out "$work/heldout" --checkpoint "$work/transformer.pt" $transformer $team --seed "$seed" --device "$device"
step redraw.py --tokenizer "$spiece" --generator "$work/transformer.pt" --folder "$work/clips" --device "$device"
step train_decoders.py --start "$work/vae.pt" --folder "$work/clips" --checkpoint "$work/decoders.pt" $team \
    --seed "$seed" --device "$device"
step evaluate.py --vae "$work/decoders.pt" --count 60
for kind in "" --held-out --two; do
    step evaluate.py --vae "$work/decoders.pt" --generator "$work/transformer.pt" --tokenizer "$spiece" --count 60 $kind
done
step export.py --tokenizer "$spiece" --vae "$work/decoders.pt" --generator "$work/transformer.pt" --out "$out"
