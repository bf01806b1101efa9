#!/usr/bin/env bash
# Times the scan, ESM-2 650M, a training step and the scoring of pairs on a card, beside PyTorch and mamba-ssm where python3
# (or PYTHON) can import them, and writes target/bench/gpu.tsv. Without a card it says that it was skipped, and EMULATED=1
# rehearses it on the emulated one at tiny sizes: those times mean nothing.
#
# Environment: ONLY, a part of the names of the cases to be timed. On a machine without Rust: `make gpu-check`.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=target/bench/gpu.tsv python=${PYTHON:-python3} with=() tiny=()
mkdir -p target/bench
if [ -n "${EMULATED:-}" ]; then with=(tests/cuda-emulator/with-card) tiny=(--tiny); fi
program=$(bash lib/benches/gpu/build)
peers=()
if "$python" -c 'import torch; torch.zeros(1).cuda()' 2>/dev/null; then
  for peer in reference compiled mamba-ssm padded sorted; do
    peers+=(--peer "$peer=timeout 120 $python lib/benches/peers/gpu/with_torch.py $peer")
  done
else
  echo "bench gpu: peers skipped: $python has no torch that sees a card" >&2
fi
"${with[@]}" "$program" --output "$out" "${tiny[@]}" --only "${ONLY:-}" --scratch target/bench "${peers[@]}"
