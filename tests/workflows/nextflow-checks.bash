# What the checks of the Nextflow part share; a check sources it and sets `name` before.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$root/tests/workflows
input=$root/target/workflows/input
scratch=$root/target/workflows/checks/$name
log=$root/target/workflows/checks/$name.log
slurm=$root/target/workflows/slurm
image=$root/target/containers/crossmamba-cpu.sif
mkdir -p "$(dirname "$log")"
: >"$log"

ok() { echo "ok: $name: $*"; }
skip() { echo "skipped: $name: $*"; exit 77; }
fail() { echo "failed: $name: $* (log: $log)"; exit 1; }
# Runs a setup; its last words are the reason when it is not possible here.
need() { # script, arguments: prints what the script prints
    local said status=0
    said=$("$@" 2>>"$log") || status=$?
    [ $status = 0 ] || skip "$(tail -n 1 "$log")"
    printf '%s\n' "$said"
}
need_slurm() {
    sinfo -h >/dev/null 2>&1 && return
    need "$here/slurm-up" "$slurm" acct >>"$log"
    trap '"$here/slurm-down" "$slurm" >>"$log" 2>&1' EXIT
}
# The image, under the names that Nextflow looks for; the CUDA image is not needed to see what reaches a container.
need_images() { # folder
    need "$here/setup-apptainer" >>"$log"
    [ -e "$image" ] || "$root/containers/build" cpu >>"$log" 2>&1 || skip "no image: $(tail -n 1 "$log")"
    mkdir -p "$1"
    ln -sf "$image" "$1/crossmamba-crossmamba-0.1.0.img"
    ln -sf "$image" "$1/crossmamba-crossmamba-0.1.0-cuda.img"
}

nextflow=$(need "$here/setup-nextflow")
bin=$(realpath "${CROSSMAMBA_BIN:-$root/target/release}")
export PATH=$bin:$PATH
CROSSMAMBA_BIN=$bin "$here/input" "$input"
rm -rf "$scratch"
mkdir -p "$scratch"
cd "$scratch"
