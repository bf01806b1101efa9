#!/usr/bin/env bash
# Divides the partners of published sets into five parts by families, with us and with DataSAIL, and lets MMseqs2 judge both:
# writes target/bench/split.tsv.
#
#   DATA=folder bash lib/benches/split.sh      SETS: default "RPI369 RPI1460 RPI2241"; SECONDS_EACH: DataSAIL's solver, 100
#
# DATA has a folder per set with pairs.tsv, rna.fa and protein.fa. DataSAIL comes from PyPI into target/bench/venv-datasail
# (PEERS=install); it calls MMseqs2 for its clusters (technique C1f). What it leaves unassigned counts as lost.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD data=${DATA:?DATA names the folder of the sets} out=target/bench/split.tsv venv=$PWD/target/bench/venv-datasail
datasail=${DATASAIL:-$venv/bin/datasail} bin=${BIN:-$PWD/target/release} peers=$PWD/lib/benches/peers/split
data=$(cd "$data" && pwd)
command -v mmseqs >/dev/null || { echo "bench split: skipped: no mmseqs on PATH, which judges" >&2; exit 0; }
if [ "${PEERS:-}" = install ] && [ ! -x "$datasail" ]; then
    python3 -m venv "$venv" && "$venv/bin/pip" install --quiet datasail==1.4.0
fi
[ -x "$datasail" ] || echo "bench split: DataSAIL skipped: run with PEERS=install" >&2
mkdir -p target/bench
TIMEFORMAT='%U %S'
spent() { awk '{ printf "%.1f", $1 + $2 }' time.log; } # Processor time, which other programs on the machine disturb little.
printf 'set\tprogram\tcpu_seconds\tpairs\tlost\tsmallest\tlargest\tleast_positive\tmost_positive\tleak\tacross\thighest\n' >"$out.part"
for set in ${SETS:-RPI369 RPI1460 RPI2241}; do
    work=$root/target/bench/split/$set
    rm -rf "$work"
    mkdir -p "$work"
    cd "$work"
    cp "$data/$set/pairs.tsv" "$data/$set/rna.fa" "$data/$set/protein.fa" .
    # Who is like whom, as neither of the two decides: MMseqs2 at its most sensitive.
    mmseqs easy-search protein.fa protein.fa hits.m8 tmp -s 7.5 -e 10 --max-seqs 5000 --seq-id-mode 1 --alignment-mode 3 \
        --format-output query,target,fident --threads "${THREADS:-2}" -v 1 >search.log 2>&1
    { time {
        "$bin/crossmamba-cluster" --quiet --kind protein --input protein.fa --identity 0.4 --output clusters.tsv
        "$bin/crossmamba-split" unseen --quiet --regime partner --folds 5 --partner-clusters clusters.tsv --pairs pairs.tsv \
            --rna rna.fa --partner protein.fa --output ours.tsv
    }; } 2>time.log
    python3 "$peers/judge.py" "$set" crossmamba "$(spent)" pairs.tsv ours.tsv protein.fa hits.m8 |
        tee -a "$root/$out.part"
    [ -x "$datasail" ] || continue
    tail -n +2 pairs.tsv | cut -f1,2 >inter.tsv
    code=0
    { time PATH=$(dirname "$datasail"):$PATH "$datasail" -o datasail -i inter.tsv -t C1f -s 0.2 0.2 0.2 0.2 0.2 -n 0 1 2 3 4 --e-type G \
        --e-data rna.fa --threads "${THREADS:-2}" --to-sec "${SECONDS_EACH:-100}" --f-type P --f-data protein.fa --f-sim mmseqs \
        --solver SCIP >datasail.log 2>&1; } 2>time.log || code=$?
    [ $code = 0 ] || { echo "bench split: DataSAIL failed on $set: $(tail -n 1 datasail.log)" >&2; continue; }
    python3 "$peers/judge.py" "$set" datasail "$(spent)" pairs.tsv datasail/C1f/inter.tsv protein.fa hits.m8 |
        tee -a "$root/$out.part"
done
cd "$root"
mv "$out.part" "$out"
echo "bench: $out"
