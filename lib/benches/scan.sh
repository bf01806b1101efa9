#!/usr/bin/env bash
# Times the scan beside its peers and writes target/bench/scan.tsv.
#
#   bash lib/benches/scan.sh
#   PROTO=folder   the crate of an AVX-512 prototype (left out unless it is named)
#   ONLY=text      the cases whose names hold it, such as "L=512 B=8 threads=1" (default all)
#   PYTHON=program an interpreter with torch and mambapy 1.2.0 (default: an environment in target/bench, which
#                  PEERS=install makes from PyPI; left out where it is not there)
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo}
target=${CARGO_TARGET_DIR:-$PWD/target}
out=$target/bench
peers=$PWD/lib/benches/peers/scan
mkdir -p "$out"

# A peer that does not build is a row of NA.
program() { [ -x "$1" ] && echo "$1" || true; }

CARGO_TARGET_DIR=$out/peers "$cargo" build --release --quiet --manifest-path "$peers/Cargo.toml" ||
  echo "scan.sh: mamba-rs does not build here" >&2

proto=${PROTO:-}
if [ -z "$proto" ]; then
  echo "scan.sh: no prototype beside it: name its crate with PROTO=folder" >&2
elif [ -d "$proto" ]; then
  mkdir -p "$out/prototype/src"
  cp "$peers/prototype/main.rs" "$out/prototype/src/main.rs"
  cat >"$out/prototype/Cargo.toml" <<EOF
[package]
name = "peer-prototype"
version = "0.0.0"
edition = "2024"
[workspace]
[dependencies]
libc = "0.2"
scanproto = { path = "$(cd "$proto" && pwd)" }
[profile.release]
codegen-units = 1
EOF
  CARGO_TARGET_DIR=$out/peers "$cargo" build --release --quiet --manifest-path "$out/prototype/Cargo.toml" ||
    echo "scan.sh: the prototype does not build here" >&2
fi

python=${PYTHON:-$out/venv/bin/python}
if [ "${PEERS:-}" = install ]; then
  [ -x "$python" ] || { python3 -m venv "$out/venv" && "$out/venv/bin/pip" install --quiet torch numpy; }
  "$python" -c 'import mambapy' 2>/dev/null || "$python" -m pip install --quiet --no-deps mambapy==1.2.0
fi
mambapy=
if "$python" -c 'from mambapy.pscan import pscan' 2>/dev/null; then
  mambapy="$python $peers/with_mambapy.py"
else
  echo "scan.sh: no mambapy here; PEERS=install fetches it" >&2
fi

"$cargo" bench --quiet --locked --workspace --bench scan -- --output "$out/scan.tsv" --only "${ONLY:-}" \
  --peer "mamba-rs 0.4.2=$(program "$out/peers/release/peer-mamba-rs")" \
  --peer "prototype=$(program "$out/peers/release/peer-prototype")" \
  --peer "mambapy 1.2.0=$mambapy"
echo "bench: $out/scan.tsv"
