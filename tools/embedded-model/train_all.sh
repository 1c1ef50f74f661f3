#!/bin/sh
# All stages, one after the other. Every stage continues from its checkpoint when it is started again.
#   ./train_all.sh WORK SPIECE OUT [minutes of the transformer]
# WORK: folder for checkpoints, caches and logs; SPIECE: a SentencePiece unigram file with the words of the world
# (spiece.model of the package); OUT: where the package is written.
set -e
work=$1 spiece=$2 out=$3 minutes=${4:-70}
here=$(dirname "$0")
python=${PYTHON:-python3}
export OMP_WAIT_POLICY=passive
mkdir -p "$work"
step() { name=$1; shift; echo "== $name"; "$python" "$here/$name" --config "$here/config.json" "$@"; }

step train_spatial.py --checkpoint "$work/spatial.pt" --minutes 12
step clips.py --spatial "$work/spatial.pt" --folder "$work/clips" --count 80 --threads 2
step clips.py --spatial "$work/spatial.pt" --folder "$work/valid" --count 2 --threads 2 --seed 12
step train_temporal.py --spatial "$work/spatial.pt" --folder "$work/clips" --checkpoint "$work/temporal.pt" --minutes 15
step latents.py --temporal "$work/temporal.pt" --folder "$work/clips" --vae "$work/vae.pt"
step latents.py --temporal "$work/temporal.pt" --folder "$work/valid" --vae "$work/vae.pt"
step train_transformer.py --tokenizer "$spiece" --folder "$work/clips" --validation "$work/valid" \
    --checkpoint "$work/transformer.pt" --minutes "$minutes" --workers 2
step train_temporal.py --decoders --spatial "$work/spatial.pt" --start "$work/vae.pt" --folder "$work/clips" \
    --checkpoint "$work/decoders.pt" --minutes 20 --noise 0.3
step evaluate.py --vae "$work/decoders.pt" --count 64
step evaluate.py --vae "$work/decoders.pt" --generator "$work/transformer.pt" --tokenizer "$spiece" --count 64 \
    --guidance 1.5 2 3 --sheet "$work/sheet.png"
step export.py --tokenizer "$spiece" --vae "$work/decoders.pt" --generator "$work/transformer.pt" --out "$out"
