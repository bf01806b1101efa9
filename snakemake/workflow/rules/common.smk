# What the rules share: the checked configuration, paths, memory.
import os
from shlex import quote

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

# First the check, for its messages, then the defaults.
validate(config, "../schemas/config.schema.yaml", set_default=False)
validate(config, "../schemas/config.schema.yaml")

SIDES = ["rna", "partner"]
KINDS = {"rna": "rna", "partner": config["partner_kind"]}
PARTNER = (
    "results/parse/partner.smi"
    if KINDS["partner"] == "small-molecule"
    else "results/parse/partner.fa"
)
SEQUENCES = {"rna": "results/parse/rna.fa", "partner": PARTNER}
CONTAINER = config["containers"]["crossmamba"] or None

# The model that predicts, where none is trained: a name, or a folder. Without labelled pairs one that ships is taken;
# that for small molecules knows 25 RNAs, and must be named.
SHIPPED = {"protein": "rna-protein-1", "rna": "rna-rna-1"}
MODEL = config["model"] or (None if config["pairs"] else SHIPPED.get(KINDS["partner"]))
NAMED = MODEL and os.sep not in MODEL and not os.path.exists(MODEL)
FROM_SEQUENCES = NAMED or not config["pairs"]
if not (MODEL or config["pairs"]):
    raise WorkflowError(
        f"`pairs` is empty, and no model for {KINDS['partner']} is taken unasked: name labelled pairs to train on, or a `model`"
    )

# Families that a split holds out whole: made here unless the rule names others. Between RNAs one table serves both sides.
CLUSTERED = (
    config["split"]["rule"].startswith("unseen")
    and "-clusters" not in config["split"]["rule"]
)
CLUSTERS = {
    side: f"results/split/{'rna' if KINDS['partner'] == 'rna' else side}_clusters.tsv"
    for side in SIDES
}

# What lets a model see how two RNAs pair.
NUCLEOTIDES = {
    "encoder": "onehot",
    "checkpoint": None,
    "extra": "--tokens residue",
    "shards": 1,
}

# A tool that rejected records ends with 1; the rejects are in a table and in the MultiQC report.
REJECTS = "" if config["rejects"] == "fail" else "|| [ $? -eq 1 ]"

# The first line of a log: where the job ran, which GPUs it was given, and in which image.
PLACE = (
    'echo "host $(uname -n), {threads} threads, GPU ${{CUDA_VISIBLE_DEVICES:-none}}, '
    'container ${{APPTAINER_NAME:-${{SINGULARITY_NAME:-none}}}}" > {log:q}; '
)


wildcard_constraints:
    side="rna|partner",
    store="[0-9]+",
    shards="[0-9]+",
    scatteritem="[0-9]+-of-[0-9]+",


def option(name, path):
    """Give an option and its path as a shell reads them; nothing without a path. Other paths are quoted by `:q`."""
    return f"{name} {quote(str(path))}" if path else ""


def given(path):
    """Make the path of an input absolute, so that the `prefix` of a module does not move it."""
    return path if "://" in path else os.path.abspath(path)


def given_list(paths):
    """Make the paths of one or several inputs absolute."""
    return [given(path) for path in ([paths] if isinstance(paths, str) else paths)]


def memory(step):
    """Give the memory of a step, doubled at each new attempt up to a limit."""
    needs = config["resources"][step]
    return lambda wildcards, attempt: min(
        needs["mem_mb"] * 2 ** (attempt - 1), max(needs["mem_mb"], needs["max_mem_mb"])
    )


def runtime(step):
    """Give the wall time of a step in minutes."""
    return config["resources"][step]["runtime"]


def encoders(side):
    """List the encoders of a side: those of the configuration, and between RNAs the one that keeps nucleotides."""
    value = config["embed"][side]
    chosen = value if isinstance(value, list) else [value]
    between_rnas = config["partner_kind"] == "rna" and config["embed"]["nucleotides"]
    return [*chosen, NUCLEOTIDES] if between_rnas else chosen


def encoder(wildcards):
    """Give the encoder of a job."""
    return encoders(wildcards.side)[int(wildcards.store)]


def items(shards):
    """Name the parts of a step as Snakemake and CrossMamba both name them."""
    return [f"{part}-of-{shards}" for part in range(1, shards + 1)]


def store(side, number):
    """Name the folder of a store; another number of parts is another folder."""
    shards = encoders(side)[number]["shards"]
    return f"results/embed/{side}-{number}.{shards}"


def families():
    """Name the tables of clusters that a split needs, by side."""
    return {f"{side}_clusters": CLUSTERS[side] for side in SIDES} if CLUSTERED else {}


def to_cluster(side):
    """List the sequences whose families are found: between RNAs those of both sides together."""
    between_rnas = KINDS["partner"] == "rna"
    return [SEQUENCES[each] for each in SIDES if between_rnas or each == side]


def parts(side):
    """List the parts of all stores of a side."""
    return [
        f"{store(side, number)}/part-{item}"
        for number, encoder in enumerate(encoders(side))
        for item in items(encoder["shards"])
    ]


def stores(side, paths):
    """Give the options that name the stores of a side, from the paths of their parts."""
    folders = dict.fromkeys(os.path.dirname(path) for path in paths)
    return " ".join(option(f"--{side}-store", folder) for folder in folders)


def model():
    """Give the folder of the model: a given one, or the one that is trained."""
    return given(MODEL) if MODEL else "results/train/model"


def model_folder():
    """List the folder of the model; nothing where a name is enough."""
    return [] if NAMED else [given(MODEL)]


def pairs_to_score():
    """List the table of pairs to score straight from sequences; nothing for every RNA with every partner."""
    if config["predict"]["pairs"]:
        return [given(config["predict"]["pairs"])]
    return ["results/parse/pairs.tsv"] if config["pairs"] else []


def shard(item):
    """Give the option for one of several jobs."""
    return "" if item == "1-of-1" else f"--shard {item.replace('-of-', '/')}"


def pairs_to_predict():
    """Give the table of pairs to score: a given one, or the pairs of the training."""
    pairs = config["predict"]["pairs"]
    return given(pairs) if pairs else "results/parse/pairs.tsv"


def mqc_files():
    """List the summaries that the MultiQC report joins."""
    names = [f"parse_{side}" for side in SIDES]
    for side in [] if FROM_SEQUENCES else SIDES:
        for number, encoder in enumerate(encoders(side)):
            name = f"embed_{side}_{number}.{encoder['shards']}"
            names += [f"{name}_{item}" for item in items(encoder["shards"])]
    if config["pairs"] and not (MODEL and config["predict"]["pairs"]):
        names.append("parse_pairs")
    if not MODEL:
        names += ["split", "train", "evaluate"]
        if CLUSTERED:
            names += sorted(
                {
                    f"cluster_{os.path.basename(path)[:-13]}"
                    for path in CLUSTERS.values()
                }
            )
        if config["audit"]["run"]:
            names.append("audit")
    names += [f"predict_{item}" for item in items(config["predict"]["shards"])]
    return [f"results/mqc/{name}_mqc.json" for name in names]


def targets():
    """List what is to be made."""
    files = ["results/predict/predictions.tsv", "results/multiqc/multiqc_report.html"]
    if MODEL:
        return files
    audits = ["results/audit/audit.html"] if config["audit"]["run"] else []
    return ["results/evaluate/report.html", *audits, *files]
