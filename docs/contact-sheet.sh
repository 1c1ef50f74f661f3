#!/usr/bin/env bash
# Regenerates docs/images/contact-sheet.png: six sentences, every eighth frame. Needs ffmpeg.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sentences=(
  "a big red circle moving left over the sea"
  "a big yellow star going up over the meadow"
  "a pink star bouncing and a blue circle standing still over the desert"
  "a white ring falling and a blue square growing at night"
  "a big green triangle bouncing at sunset"
  "a purple circle orbiting"
)
dotnet build -c Release -v q --nologo src/OnDeviceSora.Cli
row=0
inputs=()
for sentence in "${sentences[@]}"; do
  dotnet run -c Release --no-build --project src/OnDeviceSora.Cli -- generate "$sentence" --seed 42 --quiet -o "$work/$row/"
  ffmpeg -loglevel error -pattern_type glob -i "$work/$row/*.png" -vf "select='not(mod(n,8))',scale=128:128:flags=neighbor,tile=5x1:padding=2" -frames:v 1 "$work/row$row.png"
  inputs+=(-i "$work/row$row.png")
  row=$((row + 1))
done
mkdir -p docs/images
ffmpeg -loglevel error -y "${inputs[@]}" -filter_complex "vstack=inputs=$row" -frames:v 1 docs/images/contact-sheet.png
