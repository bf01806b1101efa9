#!/usr/bin/env bash
# Trains the models that ship, measures them, and writes each with its card into tools/models/<name>.
#
# usage: make.sh DATA
#   DATA  a folder of sets, as `make benchmark-data` takes it: RPI2241/rna.fa, protein.fa, pairs.tsv, and folds.tsv with the
#         columns rna_cluster and partner_cluster, the families of the molecules
#
# The same data and the same programs give the same bytes. Environment: CROSSMAMBA_BIN, the folder of the tools (default
# target/release).
set -euo pipefail
cd "$(dirname "$0")/../.."

data=${1:-}
bin=${CROSSMAMBA_BIN:-target/release}
[ -f "$data/RPI2241/folds.tsv" ] || {
  echo 'models: say where the set RPI2241 is: make models DATA=folder (rna.fa, protein.fa, pairs.tsv, folds.tsv in folder/RPI2241)' >&2
  exit 2
}

# Runs a tool; rejected records (exit code 1) are said but do not end the run.
run() {
  local code=0
  "$bin/crossmamba-$1" --quiet "${@:2}" || code=$?
  [ "$code" -le 1 ] || exit "$code"
}

# Prints one figure of a report: the metric of a model over all pairs.
figure() { # report, model, metric
  awk -F'\t' -v model="$2" -v metric="$3" '$1 == model && $2 == "pooled" && $3 == metric { printf "%.3f", $4 }' "$1/metrics.tsv"
}

name=rna-protein-1 version=1.0.0 work=target/models/rna-protein-1 out=tools/models/rna-protein-1
rm -rf "$work"; mkdir -p "$work"
run parse sequences --kind rna "$data/RPI2241/rna.fa" --output "$work/rna.fa"
run parse sequences --kind protein "$data/RPI2241/protein.fa" --output "$work/protein.fa"
run parse pairs --pairs "$data/RPI2241/pairs.tsv" --rna "$work/rna.fa" --partner "$work/protein.fa" --output "$work/pairs.tsv"
for kind in rna protein; do
  run embed --kind $kind --encoder kmer2 --input "$work/$kind.fa" --output "$work/$kind.store"
done
for side in rna partner; do
  awk -F'\t' -v side=$side 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    { print $column[side "_id"] "\t" $column[side "_cluster"] }' "$data/RPI2241/folds.tsv" | LC_ALL=C sort -u > "$work/$side.clusters.tsv"
done
sequences=(--rna "$work/rna.fa" --partner "$work/protein.fa")
clusters=(--rna-clusters "$work/rna.clusters.tsv" --partner-clusters "$work/partner.clusters.tsv")
learn() { # split, model: boosted trees over descriptors; the model knows no molecule and tells no label
  run fuse-train --pairs "$work/pairs.tsv" --splits "$1" --rna-store "$work/rna.store" \
    --partner-store "$work/protein.store" --experts trees --no-transfer --output "$2"
}

# What it is worth on molecules of other families, beside rules that read no sequence and a forest of k-mers.
table=
for regime in both partner rna; do
  run split unseen --regime $regime --folds 5 --seed 1 --pairs "$work/pairs.tsv" "${sequences[@]}" "${clusters[@]}" \
    --output "$work/$regime.splits.tsv"
  learn "$work/$regime.splits.tsv" "$work/$regime"
  run evaluate --predictions "$work/$regime/predictions.tsv" --name model --pairs "$work/pairs.tsv" \
    --splits "$work/$regime.splits.tsv" "${sequences[@]}" --forest --bootstrap 0 --output "$work/$regime.report"
  case $regime in both) new='RNA and protein';; partner) new='protein';; rna) new='RNA';; esac
  for who in model kmer-forest counts-by-sequence; do
    row="| $new | $who"
    for metric in mcc auroc auroc_in_rna auroc_in_partner brier; do row+=" | $(figure "$work/$regime.report" $who $metric)"; done
    table+="$row |"$'\n'
  done
done

# The model: of all pairs but one in a hundred, by which training knows that new pairs will be new in both molecules.
run split unseen --regime both --test 0.01 --validation 0 --seed 1 --pairs "$work/pairs.tsv" "${sequences[@]}" \
  "${clusters[@]}" --output "$work/whole.splits.tsv"
learn "$work/whole.splits.tsv" "$work/whole"
rm -rf "$out"; mkdir -p "$out"
cp "$work/whole/"{model.json,config.yaml,trees.json,training.tsv} "$out"
pairs=$(($(wc -l < "$work/pairs.tsv") - 1))
sed -e "s/@NAME@/$name/g; s/@VERSION@/$version/; s/@PAIRS@/$pairs/" tools/models/rna-protein-1.card.md |
  while IFS= read -r line; do if [ "$line" = @TABLE@ ]; then printf '%s' "$table"; else printf '%s\n' "$line"; fi; done \
  > "$out/model-card.md"
sha256sum "$out"/*
