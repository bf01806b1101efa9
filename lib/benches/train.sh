#!/usr/bin/env bash
# Times one training epoch of RPI1460 (window tokens, first fold of random5, default settings) beside the same model in
# PyTorch, in turns in one run, and writes target/bench/train.tsv.
#
# Environment: DATA, the folder of the sets (default: what CROSSMAMBA_DATA names); PROTO, the folder of the same model
# in PyTorch; PYTHON, an interpreter with torch and numpy (default target/bench/venv/bin/python, which
# PEERS=install makes from PyPI); ROUNDS (default 3). What is missing gives a row with NA.
set -euo pipefail
cd "$(dirname "$0")/../.."
data=${DATA:-${CROSSMAMBA_DATA:-}} proto=${PROTO:-} rounds=${ROUNDS:-3}
python=${PYTHON:-target/bench/venv/bin/python}
work=target/bench/train out=target/bench/train.tsv set=RPI1460
few=2 many=6
[ -n "$data" ] || { echo "bench train: SKIPPED: say where the sets are with DATA=folder" >&2; exit 0; }
[ -f "$data/$set/pairs.tsv" ] || { echo "bench train: SKIPPED: $data/$set is not there; say where the sets are with DATA=folder" >&2; exit 0; }
rm -rf "$work"; mkdir -p "$work"
cargo build --release --locked --quiet --bins
bin=target/release/crossmamba
$bin-embed --quiet --kind rna --input "$data/$set/rna.fa" --output $work/rna.store
$bin-embed --quiet --kind protein --input "$data/$set/protein.fa" --output $work/protein.store
$bin-split table --quiet --table "$data/$set/folds.tsv" --column random5 --pairs "$data/$set/pairs.tsv" --output $work/splits.tsv

# Seconds of an epoch: the difference between a long and a short run, so that start-up cancels.
ours() { # threads
  local epochs times=()
  for epochs in $few $many; do
    printf 'training: { epochs: %s }\nvalidation: { fraction: 0 }\n' $epochs > $work/config.yaml
    rm -rf $work/model
    local start=$(date +%s%N)
    $bin-fuse-train --quiet --threads "$1" --pairs "$data/$set/pairs.tsv" --splits $work/splits.tsv --fold fold-0 \
      --rna-store $work/rna.store --partner-store $work/protein.store --config $work/config.yaml --output $work/model
    times+=($(($(date +%s%N) - start)))
  done
  awk -v a="${times[0]}" -v b="${times[1]}" -v n=$((many - few)) 'BEGIN { printf "%.4f\n", (b - a) / n / 1e9 }'
}
median() { sort -g | awk '{ x[NR] = $1 } END { print NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2 }'; }

if [ ! -x "$(command -v "$python")" ] && [ "${PEERS:-}" = install ]; then
  python3 -m venv target/bench/venv && target/bench/venv/bin/pip install --quiet torch numpy
fi
peer= why="no torch in $python: run with PEERS=install"
if "$python" -c 'import torch, numpy' 2>/dev/null; then
  why="no model in PyTorch: say where it is with PROTO=folder"
  if [ -f "$proto/scan2.cpp" ]; then
    mkdir -p $work/prototype
    cp "$proto"/*.py "$proto/scan2.cpp" $work/prototype/
    g++ -O3 -march=native -shared -fPIC $work/prototype/scan2.cpp -o $work/prototype/libscan2.so
    peer="$python lib/benches/peers/train/epoch.py $work/prototype $data $set"
  fi
fi
[ -n "$peer" ] || echo "bench train: peer skipped: $why" >&2

printf 'bench\tcase\tours\tpeer_name\tpeer\tunit\tratio\tlimit\n' > "$out.part"
for threads in 1 $(nproc); do
  : > $work/ours; : > $work/peer
  for _ in $(seq "$rounds"); do
    ours "$threads" >> $work/ours
    [ -z "$peer" ] || OMP_NUM_THREADS=$threads MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592 \
      $peer "$threads" 3 | cut -f 1 >> $work/peer
  done
  a=$(median < $work/ours) b=NA ratio=NA
  [ -z "$peer" ] || { b=$(median < $work/peer); ratio=$(awk -v a="$a" -v b="$b" 'BEGIN { printf "%.2f", b / a }'); }
  printf 'train\t%s epoch, %s thread(s)\t%s\ttorch\t%s\ts\t%s\tNA\n' $set "$threads" "$a" "$b" "$ratio" >> "$out.part"
done
mv "$out.part" "$out"
cat "$out"
