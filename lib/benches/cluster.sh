#!/usr/bin/env bash
# Times crossmamba-cluster beside MMseqs2 and CD-HIT (Debian's mmseqs2 and cd-hit) on simulated families of proteins, and
# writes target/bench/cluster.tsv: seconds, memory, clusters, families in several clusters, clusters of several families.
#
#   bash lib/benches/cluster.sh
#   COUNT=100000    sequences          IDENTITY=0.5    THREADS    default: all cores
#
# The three do not promise the same: ours is single linkage, so that no two sequences of two clusters are alike as far as its
# log says; MMseqs2 (easy-linclust) and CD-HIT are greedy around representatives, and leave alike sequences apart.
set -euo pipefail
cd "$(dirname "$0")/../.."
count=${COUNT:-100000} identity=${IDENTITY:-0.5} threads=${THREADS:-$(nproc)}
work=target/bench/cluster out=target/bench/cluster.tsv
peers=lib/benches/peers/cluster
rm -rf "$work"
mkdir -p "$work"
cargo build --release --locked --quiet --bin crossmamba-cluster
python3 $peers/families.py "$count" >"$work/families.fa"

printf 'program\tsequences\tidentity\tthreads\tseconds\tmegabytes\tclusters\tdivided_families\tmixed_clusters\n' >"$out.part"
timed() { # program, table of clusters, command
    local start=$(date +%s%N) most=0 memory
    "${@:3}" >"$work/$1.log" 2>&1 &
    local job=$!
    # The most memory that the process held at any time; MMseqs2 starts others, which are looked at as well.
    while kill -0 $job 2>/dev/null; do
        memory=$(ps -o rss= --pid $job --ppid $job 2>/dev/null | awk '{ sum += $1 } END { print int(sum / 1024) }')
        [ "${memory:-0}" -le "$most" ] || most=$memory
        sleep 0.2
    done
    wait $job || { tail -n 5 "$work/$1.log" >&2; echo "bench cluster: $1 failed" >&2; return 1; }
    awk -v name="$1" -v n="$count" -v id="$identity" -v t="$threads" -v ns=$(($(date +%s%N) - start)) -v mb="$most" \
        -v found="$(python3 $peers/agreement.py "$2")" 'BEGIN { OFS = "\t"; print name, n, id, t, sprintf("%.1f", ns / 1e9), mb, found }' |
        tee -a "$out.part"
}
timed crossmamba "$work/ours.tsv" target/release/crossmamba-cluster --kind protein --identity "$identity" --threads "$threads" \
    --input "$work/families.fa" --output "$work/ours.tsv"
grep -h 'compared' "$work/crossmamba.log" || true
if command -v mmseqs >/dev/null; then
    timed mmseqs2 "$work/mmseqs_cluster.tsv" mmseqs easy-linclust "$work/families.fa" "$work/mmseqs" "$work/tmp" \
        --min-seq-id "$identity" --seq-id-mode 1 --cov-mode 1 -c 0 --threads "$threads" -v 1
else
    echo "bench cluster: MMseqs2 skipped: no mmseqs on PATH" >&2
fi
if command -v cd-hit >/dev/null; then
    # The longest words that CD-HIT's manual allows for the identity.
    word=$(awk -v id="$identity" 'BEGIN { print id >= 0.7 ? 5 : id >= 0.6 ? 4 : id >= 0.5 ? 3 : 2 }')
    timed cd-hit "$work/cd-hit.clstr" cd-hit -i "$work/families.fa" -o "$work/cd-hit" -c "$identity" -n "$word" -d 0 -M 0 -T "$threads"
else
    echo "bench cluster: CD-HIT skipped: no cd-hit on PATH" >&2
fi
mv "$out.part" "$out"
echo "bench: $out"
