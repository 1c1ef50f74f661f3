#!/bin/sh
# All stages, one after the other. Every stage continues from its checkpoint when it is started again.
#   ./train_all.sh WORK SPIECE OUT
# WORK: folder for checkpoints, caches and curves; SPIECE: a SentencePiece unigram file whose settings the vocabulary takes
# (spiece.model of the package); OUT: where the package is written. SEED (default 1) makes another model of the same
# recipe; DEVICE=cuda trains on a GPU, in fewer and larger steps; QUICK=1 takes a few steps of every stage, to see in
# two minutes that all of them work here.
set -e
work=$1 settings=$2 out=$3 seed=${SEED:-1} device=${DEVICE:-cpu}
here=$(dirname "$0")
python=${PYTHON:-python3}
export OMP_WAIT_POLICY=passive OPENBLAS_NUM_THREADS=1 PYTHONUNBUFFERED=1
# OpenBLAS takes its slowest kernels on CPUs that are newer than it is.
if [ -z "$OPENBLAS_CORETYPE" ] && grep -q avx512f /proc/cpuinfo 2>/dev/null; then export OPENBLAS_CORETYPE=SkylakeX; fi
mkdir -p "$work"

if [ "$device" = cpu ]; then
    drawing=2 team="--workers 2" batch="--batch 16"
else
    drawing=8 team="--workers 1" batch="--batch 64"
fi
usual="--steps 10000 --free 0" freely="--steps 6000 --matrix-lr 0.0045 --lr 7e-4"
clips=180 others=4 samples=60 steps=
if [ -n "$QUICK" ]; then
    clips=1 others=1 samples=1 steps="--steps 3" batch="--batch 4"
fi

step() { program=$1; shift; echo "== $program $*"; "$python" "$here/$program" --config "$here/config.json" "$@"; }
draw() { step clips.py --spatial "$work/spatial.pt" --workers $drawing --device "$device" "$@"; }
train() { step "$@" $steps --seed "$seed" --device "$device"; }

spiece=$work/spiece.model
"$python" "$here/tokenizer.py" --model "$settings" --out "$spiece"
train train_spatial.py --checkpoint "$work/spatial.pt"
draw --folder "$work/clips" --count $clips --seed "${seed}1" --two 0.3
draw --folder "$work/unseen" --count $others --seed "${seed}2" --scenes world
draw --folder "$work/heldout" --count $others --seed "${seed}3" --scenes held-out
train train_temporal.py --spatial "$work/spatial.pt" --folder "$work/clips" --checkpoint "$work/temporal.pt" $team
for folder in clips unseen heldout; do
    step latents.py --temporal "$work/temporal.pt" --folder "$work/$folder" --vae "$work/vae.pt" $team --device "$device"
done
train_generator() {
    train train_transformer.py --tokenizer "$spiece" --folder "$work/clips" --validation "$work/unseen" \
        --held-out "$work/heldout" $batch $team "$@"
}
train_generator --checkpoint "$work/transformer.pt" $usual
train_generator --start "$work/transformer.pt" --checkpoint "$work/generator.pt" $freely
step evaluate.py --vae "$work/vae.pt" --count $samples
for kind in "" --held-out --two --free "--free --two"; do
    step evaluate.py --vae "$work/vae.pt" --generator "$work/generator.pt" --tokenizer "$spiece" --count $samples $kind
done
step export.py --tokenizer "$spiece" --vae "$work/vae.pt" --generator "$work/generator.pt" --out "$out"
