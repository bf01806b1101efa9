#!/usr/bin/env bash
# The main job on simulated data, from sequences to a report. The last line says how well families were predicted
# that the model had never seen. Builds nothing: `make demo` does. Binaries: $CROSSMAMBA_BIN, or target/release.
# DEMO_FOLDER is where to work (target/demo); DEMO_DEVICE is given to what computes on cards; with DEMO_SMALL everything
# is small enough for an emulated card, and language models of that size embed the first two sets.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${CROSSMAMBA_BIN:-${CARGO_TARGET_DIR:-$root/target}/release}
bin=$(cd "$bin" && pwd)
work=${DEMO_FOLDER:-$root/target/demo}
rm -rf "$work"
mkdir -p "$work"
cd "$work"

step() { printf '\n== %s\n' "$*"; }
run() { # tool, arguments: shows the command as a user would type it, and runs it
    printf '$ crossmamba-%s\n' "$*"
    "$bin/crossmamba-$1" --quiet "${@:2}"
}
on=(${DEMO_DEVICE:+--device "$DEMO_DEVICE"})
molecules=240 pairs=1600 others=160 other_pairs=600 alone=400 alone_pairs=3200 epochs=8 sizes= settings=()
rna_encoder=() protein_encoder=() few=()
if [ -n "${DEMO_SMALL:-}" ]; then
    molecules=10 pairs=16 others=10 other_pairs=16 alone=10 alone_pairs=20 epochs=1 few=(--classes 2 --families 10)
    sizes=", width: 8, inner: 8, state: 4, hidden: 8"
    printf 'model: { head: product%s }\ntraining: { epochs: 2 }\n' "$sizes" >small.yaml
    settings=(--config small.yaml)
    lm=$root/tests/data/lm
    rna_encoder=(--encoder rinalmo --checkpoint "$lm/rinalmo" "${on[@]}")
    protein_encoder=(--encoder esm2 --checkpoint "$lm/esm2" "${on[@]}")
fi
# The value of a metric of a model, over all pairs, from an evaluation's table.
metric() { # table, model, metric
    awk -F'\t' -v model="$2" -v metric="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        $column["model"] == model && $column["metric"] == metric && $column["fold"] == "pooled" { print $column["value"] }
    ' "$1"
}

step "1. RNAs and RNA-binding proteins with planted motifs; rules.md explains them"
run simulate --rna "$molecules" --partners "$molecules" --pairs "$pairs" "${few[@]}" --noise 0.01 --output simulated

step "2. Normalise"
run parse sequences --kind rna simulated/rna.fa --output rna.fa
run parse sequences --kind protein simulated/protein.fa --output protein.fa
run parse pairs --pairs simulated/pairs.tsv --rna rna.fa --partner protein.fa --output pairs.tsv

step "3. Split by family: the RNAs and the proteins of a test fold are of families that its training part lacks"
run split table --table simulated/folds.tsv --column cold_both5 --rna-group-column rna_cluster --pairs pairs.tsv \
    --output splits.tsv --audit audit.tsv --rna rna.fa --partner protein.fa

step "4. Embed with the built-in features"
run embed --kind rna --input rna.fa "${rna_encoder[@]}" --output rna.store
run embed --kind protein --input protein.fa "${protein_encoder[@]}" --output protein.store

step "5. Train, fold by fold"
run fuse-train --pairs pairs.tsv --splits splits.tsv --rna-store rna.store --partner-store protein.store \
    --output trained "${settings[@]}" "${on[@]}"

step "6. Evaluate on the unseen families, beside what counting labels would give"
run evaluate --predictions trained/predictions.tsv --pairs pairs.tsv --splits splits.tsv --rna rna.fa \
    --partner protein.fa --trained trained --bootstrap 200 --title "Simulated RNA-protein pairs, unseen families" --output report

step "7. Predict pairs of a second set, made with another seed: all its families are new"
run simulate --rna "$others" --partners "$others" --pairs "$other_pairs" "${few[@]}" --noise 0 --seed 2 --output other
run embed --kind rna --input other/rna.fa "${rna_encoder[@]}" --output other/rna.store
run embed --kind protein --input other/protein.fa "${protein_encoder[@]}" --output other/protein.store
run predict --model trained --pairs other/pairs.tsv --rna-store other/rna.store --partner-store other/protein.store \
    --output other/predictions.tsv "${on[@]}"
run evaluate --predictions other/predictions.tsv --bootstrap 0 --output other/report

step "8. The same with pairs in which neither molecule alone says anything: the four corners of the ablation"
run simulate --interaction-only --rna "$alone" --partners "$alone" --pairs "$alone_pairs" "${few[@]}" --noise 0 --output interaction
awk -F'\t' -v OFS='\t' 'NR == 1 { print $1, $2, "part"; next } { print $1, $2, $8 == 0 ? "test" : "train" }' \
    interaction/folds.tsv > interaction/parts.tsv
run split table --table interaction/parts.tsv --column part --pairs interaction/pairs.tsv \
    --output interaction/splits.tsv
run embed --kind rna --input interaction/rna.fa --output interaction/rna.store
run embed --kind protein --input interaction/protein.fa --output interaction/protein.store
for head in product concat; do
    for crosstalk in learnt none; do
        # A short schedule: given time, a wide enough plain head learns this small code by heart as well.
        printf 'model: { head: %s, crosstalk: %s%s }\ntraining: { epochs: %s }\n' "$head" "$crosstalk" "$sizes" "$epochs" \
            > "interaction/$head-$crosstalk.yaml"
        run fuse-train --pairs interaction/pairs.tsv --splits interaction/splits.tsv \
            --rna-store interaction/rna.store --partner-store interaction/protein.store \
            --config "interaction/$head-$crosstalk.yaml" --output "interaction/$head-$crosstalk" "${on[@]}"
    done
done
run evaluate --output interaction/report --bootstrap 0 --pairs interaction/pairs.tsv --splits interaction/splits.tsv \
    --predictions interaction/{product,concat}-{learnt,none}/predictions.tsv \
    --name product-learnt product-none concat-learnt concat-none

corner() { metric interaction/report/metrics.tsv "$1" auroc; }
counts() { metric report/metrics.tsv counts-by-sequence auroc; }
auroc=$(metric report/metrics.tsv crossmamba auroc)
printf '\nAUROC on families that were never seen (0.5: guessing, 1: perfect)\n\n'
printf '  %-68s %.3f\n' "RNA-protein pairs, five folds" "$auroc"
printf '  %-68s %.3f\n' "  the same, from label counts alone (must be near 0.5)" "$(counts)"
printf '  %-68s %.3f\n' "RNA-protein pairs of a second set" "$(metric other/report/metrics.tsv crossmamba auroc)"
printf '\nInteraction-only pairs: only a model that looks at both molecules together can do better than 0.5\n\n'
printf '  %-36s %16s %16s\n' "" "with crosstalk" "without"
printf '  %-36s %16.3f %16.3f\n' "head that multiplies (product)" "$(corner product-learnt)" "$(corner product-none)"
printf '  %-36s %16.3f %16.3f\n' "head that only joins (concat)" "$(corner concat-learnt)" "$(corner concat-none)"
printf '\nThe product head multiplies the two molecules itself; under the plain head the crosstalk does that work,\n'
printf 'which shows in a schedule as short as this one (%s epochs).\n\n' "$epochs"
printf 'demo: unseen-family AUROC %.3f; report %s\n' "$auroc" "$work/report/report.html"
