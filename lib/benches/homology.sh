#!/usr/bin/env bash
# Times the alignment of all molecules of a set with all beside parasail (PyPI), on one thread and in turns, checks that both find
# the same homologs, and writes target/bench/homology.tsv: seconds, and 10⁹ cells of the matrices per second.
#
# Environment: DATA, the folder of the sets (default: what CROSSMAMBA_DATA names); SETS (default RPI2241); PYTHON, an interpreter
# with parasail (default target/bench/venv/bin/python, which PEERS=install makes from PyPI).
set -euo pipefail
cd "$(dirname "$0")/../.."
data=${DATA:-${CROSSMAMBA_DATA:-}} sets=${SETS:-RPI2241}
python=${PYTHON:-target/bench/venv/bin/python}
work=target/bench/homology out=target/bench/homology.tsv
[ -n "$data" ] || { echo "bench homology: SKIPPED: say where the sets are with DATA=folder" >&2; exit 0; }
rm -rf "$work"; mkdir -p "$work"
cargo build --release --locked --quiet --bin crossmamba-parse
cargo bench --locked --quiet -p crossmamba --bench homology --no-run
if [ ! -x "$(command -v "$python")" ] && [ "${PEERS:-}" = install ]; then
  python3 -m venv target/bench/venv
fi
[ "${PEERS:-}" != install ] || "$python" -m pip install --quiet parasail
peer=yes
"$python" -c 'import parasail' 2>/dev/null || { peer=; echo "bench homology: peer skipped: no parasail in $python: run with PEERS=install" >&2; }
printf 'bench\tcase\tours\tpeer_name\tpeer\tunit\tratio\tcells_per_second\n' > "$out.part"
for set in $sets; do
  for kind in rna protein; do
    file=$work/$set.$kind.fa
    target/release/crossmamba-parse sequences --quiet --kind $kind "$data/$set/$kind.fa" --output "$work/all.fa" --rejects "$work/rejects" || true
    # Each sequence once, on one line.
    awk '/^>/ { if (s != "" && !met[s]++) print ">" ++n "\n" s; s = ""; next } { s = s $0 } END { if (s != "" && !met[s]++) print ">" ++n "\n" s }' \
      "$work/all.fa" > "$file"
    IFS=$'\t' read -r ours cells homologs < <(cargo bench --locked --quiet -p crossmamba --bench homology -- $kind "$PWD/$file")
    theirs=NA
    if [ -n "$peer" ]; then
      IFS=$'\t' read -r theirs found < <("$python" lib/benches/peers/homology/with_parasail.py $kind "$file")
      [ "$found" = "$homologs" ] || { echo "bench homology: $set $kind: $homologs homologous pairs, and by parasail $found" >&2; exit 1; }
    fi
    awk -v name="$set $kind" -v a="$ours" -v b="$theirs" -v n="$cells" -v OFS='\t' 'BEGIN {
      print "homology", name, a, "parasail", b, "s", b == "NA" ? b : sprintf("%.2f", b / a), sprintf("%.1fe9", n / a / 1e9) }' | tee -a "$out.part"
  done
done
mv "$out.part" "$out"
echo "bench: $out"
