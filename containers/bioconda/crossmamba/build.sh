#!/bin/bash
# Builds and installs the tools; Cargo.lock pins every dependency.
set -euo pipefail

cargo-bundle-licenses --format yaml --output THIRDPARTY.yml
# The feature is on in a build of the whole workspace too: a folder of compiled dependencies can be shared.
cargo install --locked --no-track --bins --features crossmamba/default --root "${PREFIX}" --path tools
install -D -m755 containers/self-test "${PREFIX}/share/crossmamba/self-test"
