#!/usr/bin/env bash
# Times the forward pass of ESM-2 shapes with random weights beside PyTorch and esm-cpp, in turns, by processor time, and
# writes target/bench/encoder.tsv. The limit is what the linear layers' rate of PyTorch (oneDNN) would allow.
#
# Environment: SHAPES (default "150M 650M"); ROUNDS (default 3); PADDED=1 adds PyTorch on one padded batch; PYTHON and
# PYTHON_ESM, interpreters with torch, and with esm-cpp 0.2.1 and numpy (defaults: environments in target/bench, which
# PEERS=install makes from PyPI). What is missing gives rows with NA.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo} rounds=${ROUNDS:-3} out=target/bench/encoder.tsv work=$PWD/target/bench/encoder
peers=$PWD/lib/benches/peers/encoder
torch=${PYTHON:-$PWD/target/bench/venv/bin/python} esm=${PYTHON_ESM:-$PWD/target/bench/venv-esm/bin/python}
mkdir -p "$work"
if [ "${PEERS:-}" = install ]; then
  [ -x "$torch" ] || { python3 -m venv target/bench/venv && target/bench/venv/bin/pip install --quiet torch numpy; }
  [ -x "$esm" ] || { python3 -m venv target/bench/venv-esm && target/bench/venv-esm/bin/pip install --quiet esm-cpp==0.2.1; }
fi
# numpy writes the weights; without any peer there is nothing to compare with.
python=
for one in "$esm" "$torch" python3; do
  if "$one" -c 'import numpy' 2>/dev/null; then python=$one; break; fi
done
[ -n "$python" ] || { echo "bench encoder: skipped: no numpy to make the weights with: run with PEERS=install" >&2; exit 0; }
export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592
: > "$out.part"
for shape in ${SHAPES:-150M 650M}; do
  case $shape in
    8M) layers=6 width=320 ;; 35M) layers=12 width=480 ;; 150M) layers=30 width=640 ;; 650M) layers=33 width=1280 ;;
    *) echo "bench encoder: no shape \`$shape'; choose from: 8M 35M 150M 650M" >&2; exit 2 ;;
  esac
  weights=$work/$shape
  [ -f "$weights/model.safetensors" ] || "$python" "$peers/weights.py" "$weights" $layers $width
  limit=$("$torch" "$peers/with_torch.py" gemm $width 2>/dev/null | tr '\n' ' ') || limit=
  echo "$shape: oneDNN's linear layers, GFLOP per core-second, f32 and bf16: ${limit:-NA}"
  for precision in f32 bf16; do
    "$cargo" bench --quiet --locked --workspace --bench encoder -- --shape "$shape" --weights "$weights" --memory $precision
  done
  list=(--peer "torch f32 sorted=$torch $peers/with_torch.py $weights f32 4"
        --peer "torch bf16 sorted=$torch $peers/with_torch.py $weights bf16 4"
        --peer "esm-cpp f32=$esm $peers/with_esmcpp.py $weights f32"
        --peer "esm-cpp int8=$esm $peers/with_esmcpp.py $weights int8")
  [ -z "${PADDED:-}" ] || list+=(--peer "torch bf16 padded=$torch $peers/with_torch.py $weights bf16 16")
  "$cargo" bench --quiet --locked --workspace --bench encoder -- --shape "$shape" --weights "$weights" \
    --limit "$limit" --rounds "$rounds" "${list[@]}" --output "$work/$shape.tsv"
  if [ -s "$out.part" ]; then tail -n +2 "$work/$shape.tsv" >> "$out.part"; else cat "$work/$shape.tsv" > "$out.part"; fi
done
mv "$out.part" "$out"
cat "$out"
