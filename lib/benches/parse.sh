#!/usr/bin/env bash
# Times crossmamba-parse beside noodles' raw FASTA reader and seqkit, and writes target/bench/parse.tsv.
#
#   bash lib/benches/parse.sh
#   SIZE=200    megabytes of letters in the generated files
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo}
target=${CARGO_TARGET_DIR:-$PWD/target}
out=$target/bench
mkdir -p "$out"

"$cargo" build --release --quiet --locked --bin crossmamba-parse
"$cargo" bench --quiet --locked -p crossmamba --no-default-features --bench parse -- \
  --folder "$out" --tool "$target/release/crossmamba-parse" --size "${SIZE:-200}" \
  --seqkit "$(command -v seqkit || true)"
echo "bench: $out/parse.tsv"
