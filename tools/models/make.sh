#!/usr/bin/env bash
# Trains the models that ship, measures them, and writes each with its card into tools/models/<name>.
#
# usage: make.sh DATA
#   DATA  a folder of sets, as `make benchmark-data` takes it: RPI2241 (rna.fa, protein.fa, pairs.tsv, and folds.tsv with the
#         columns rna_cluster and partner_cluster, the families of the molecules) and ROBIN (rna.fa, molecules.smi, pairs.tsv,
#         folds.tsv with these columns and cold_partner5)
#
# The same data and the same programs give the same bytes. Environment: CROSSMAMBA_BIN, the folder of the tools (default
# target/release); MODELS, the names of those to make (default: all).
set -euo pipefail
cd "$(dirname "$0")/../.."

data=${1:-}
bin=${CROSSMAMBA_BIN:-target/release}
models=${MODELS:-rna-protein-1 rna-small-molecule-1}
for set in RPI2241 ROBIN; do
  [ -f "$data/$set/folds.tsv" ] || {
    echo "models: say where the set $set is: make models DATA=folder (rna.fa, protein.fa or molecules.smi, pairs.tsv, folds.tsv in folder/$set)" >&2
    exit 2
  }
done

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

# Begins a model: its sequences, pairs and stores, and the families of its molecules as the set has them.
begin() { # name, version, set, kind of the partner, its file
  name=$1 version=$2 from=$data/$3 work=target/models/$1 out=tools/models/$1
  rm -rf "$work"; mkdir -p "$work"
  run parse sequences --kind rna "$from/rna.fa" --output "$work/rna.fa"
  run parse sequences --kind "$4" "$from/$5" --output "$work/$5"
  sequences=(--rna "$work/rna.fa" --partner "$work/$5")
  run parse pairs --pairs "$from/pairs.tsv" "${sequences[@]}" --output "$work/pairs.tsv"
  run embed --kind rna --encoder kmer2 --input "$work/rna.fa" --output "$work/rna.store"
  run embed --kind "$4" --encoder kmer2 --input "$work/$5" --output "$work/partner.store"
  stores=(--rna-store "$work/rna.store" --partner-store "$work/partner.store")
  for side in rna partner; do
    awk -F'\t' -v side=$side 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
      { print $column[side "_id"] "\t" $column[side "_cluster"] }' "$from/folds.tsv" | LC_ALL=C sort -u > "$work/$side.clusters.tsv"
  done
  clusters=(--rna-clusters "$work/rna.clusters.tsv" --partner-clusters "$work/partner.clusters.tsv")
}

# Divides the pairs; the rest of the arguments say how.
divide() { # regime, arguments of split
  run split "${@:2}" --pairs "$work/pairs.tsv" "${sequences[@]}" --output "$work/$1.splits.tsv"
}

# Trains boosted trees.
learn() { # regime, model, further options
  run fuse-train --pairs "$work/pairs.tsv" --splits "$work/$1.splits.tsv" "${stores[@]}" --experts trees "${@:3}" --output "$work/$2"
}

# Adds to the table what predictions are worth, beside rules that read no sequence and perhaps a forest of k-mers.
measure() { # regime, what is new, baselines, metrics
  local forest=()
  [[ " $3 " != *' kmer-forest '* ]] || forest=(--forest)
  run evaluate --predictions "$work/$1/predictions.tsv" --name model --pairs "$work/pairs.tsv" \
    --splits "$work/$1.splits.tsv" "${sequences[@]}" "${forest[@]}" --bootstrap 0 --output "$work/$1.report"
  for who in model $3; do
    row="| $2 | $who"
    for metric in "${@:4}"; do row+=" | $(figure "$work/$1.report" "$who" "$metric")"; done
    table+="$row |"$'\n'
  done
}

# Writes a model that was trained, and its card.
finish() { # folder of the model
  rm -rf "$out"; mkdir -p "$out"
  cp "$work/$1/"{model.json,config.yaml,trees.json,training.tsv} "$out"
  for file in neighbours transfer; do
    [ ! -f "$work/$1/$file.safetensors" ] || cp "$work/$1/$file.safetensors" "$out"
  done
  local pairs=$(($(wc -l < "$work/pairs.tsv") - 1))
  sed -e "s/@NAME@/$name/g; s/@VERSION@/$version/; s/@PAIRS@/$pairs/" "tools/models/$name.card.md" |
    while IFS= read -r line; do if [ "$line" = @TABLE@ ]; then printf '%s' "$table"; else printf '%s\n' "$line"; fi; done \
    > "$out/model-card.md"
  sha256sum "$out"/*
}

for model in $models; do
  table=
  case $model in
    rna-protein-1)
      begin $model 1.1.0 RPI2241 protein protein.fa
      # The pairs and molecules are public: the model keeps them, and knows homologs.
      run embed --kind rna --encoder sequence --input "$work/rna.fa" --output "$work/rna.sequences"
      run embed --kind protein --encoder sequence --input "$work/protein.fa" --output "$work/partner.sequences"
      stores+=(--rna-store "$work/rna.sequences" --partner-store "$work/partner.sequences")
      for regime in both partner rna; do
        divide $regime unseen --regime $regime --folds 5 --seed 1 "${clusters[@]}"
        case $regime in both) new='RNA and protein';; partner) new='protein';; rna) new='RNA';; esac
        learn $regime $regime
        measure $regime "$new" 'kmer-forest counts-by-sequence' mcc auroc auroc_in_rna auroc_in_partner brier
      done
      # Of all pairs but one in a hundred, by which training knows that new pairs will be new in both molecules.
      divide whole unseen --regime both --test 0.01 --validation 0 --seed 1 "${clusters[@]}"
      learn whole whole
      finish whole;;
    rna-small-molecule-1)
      begin $model 1.0.0 ROBIN small-molecule molecules.smi
      divide partner table --table "$from/folds.tsv" --column cold_partner5 --partner-group-column partner_cluster \
        --audit "$work/partner.audit.tsv"
      # The first fold of the five is held out, and the model that it is held out from ships.
      # A model without transfer tells no label.
      learn partner partner --fold fold-0 --no-transfer --neighbours rnas
      awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = $3 == 0 ? "test" : "train" } { print }' "$work/partner.splits.tsv" > "$work/held.splits.tsv"
      awk -F'\t' 'NR == FNR { if ($3 == "test") held[$1 FS $2]; next } FNR == 1 || ($1 FS $2) in held' \
        "$work/held.splits.tsv" "$work/pairs.tsv" > "$work/held.pairs.tsv"
      mkdir "$work/held"
      run predict --model "$work/partner/fold-0" --pairs "$work/held.pairs.tsv" "${stores[@]}" \
        --output "$work/held/predictions.tsv"
      measure held molecule counts-by-id auroc auprc enrichment_1 enrichment_5 bedroc auroc_in_rna auroc_in_partner
      finish partner/fold-0;;
    *) echo "models: no model \`$model'; there are rna-protein-1 and rna-small-molecule-1" >&2; exit 2;;
  esac
done
