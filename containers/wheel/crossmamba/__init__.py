"""Predicts whether, and how strongly, an RNA interacts with a protein, a small molecule or another RNA.

The work is done by the programs that travel in this package; nothing is downloaded, and nothing beside Python is needed.

>>> import crossmamba
>>> scores = crossmamba.predict(model="rna-protein-1", rna="rna.fa", partner={"p1": "MKTAYIAKQRQISFVKSHFSRQ"})

- `list_models` names the models of this machine,
- `predict` scores pairs, from sequences or from stores, into a data frame of pandas or polars,
- `embed` computes embeddings, and `load_store` gives those of any store as NumPy arrays,
- `audit` tells what a set of pairs, its split and anyone's predictions owe to leaks.

What a program refuses becomes a `CrossMambaError` in the program's own words; what it leaves out, a `RejectedRecords`
warning.
"""

from ._audit import Audit, Figure, audit
from ._embed import embed
from ._inputs import Pairs, Sequences
from ._models import Model, list_models
from ._predict import predict
from ._rejects import Reject, RejectedRecords
from ._store import Store, load_store
from ._tools import CrossMambaError, Option, run, tool_path, version

__version__ = version()

__all__ = [
    "Audit",
    "CrossMambaError",
    "Figure",
    "Model",
    "Option",
    "Pairs",
    "Reject",
    "RejectedRecords",
    "Sequences",
    "Store",
    "__version__",
    "audit",
    "embed",
    "list_models",
    "load_store",
    "predict",
    "run",
    "tool_path",
]
