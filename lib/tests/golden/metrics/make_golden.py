"""Writes cases.tsv (predictions) and values.tsv (what scikit-learn and SciPy give for them).

Run: python make_golden.py, with the versions that the first line of values.tsv names.
"""
import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize_scalar
from scipy.stats import pearsonr, spearmanr
from sklearn import metrics as m

rng = np.random.default_rng(20)
cases, values = [], []


def ece(p, y, bins=10):
    bin_of = np.minimum((p * bins).astype(int), bins - 1)
    return sum((bin_of == b).mean() * abs(y[bin_of == b].mean() - p[bin_of == b].mean())
               for b in range(bins) if (bin_of == b).any())


def temperature(z, y):
    target = np.where(y == 1, (y.sum() + 1) / (y.sum() + 2), 1 / ((1 - y).sum() + 2))
    loss = lambda log_t: np.sum(np.logaddexp(0, z / np.exp(log_t)) - target * z / np.exp(log_t))
    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded",
                                        options={"xatol": 1e-12}).x))


def classification(name, p, y):
    p = np.round(p, 6)
    cases.extend((name, repr(float(a)), int(b)) for a, b in zip(p, y))
    call = p >= 0.5
    z = np.round(np.log((p + 1e-3) / (1 - p + 1e-3)) * 3, 6)
    figures = dict(accuracy=m.accuracy_score(y, call), mcc=m.matthews_corrcoef(y, call), f1=m.f1_score(y, call),
                   auroc=m.roc_auc_score(y, p), auprc=m.average_precision_score(y, p),
                   sensitivity=m.recall_score(y, call), specificity=m.recall_score(1 - y, ~call),
                   brier=m.brier_score_loss(y, p), ece=ece(p, y), temperature=temperature(z, y))
    values.extend((name, k, repr(float(v))) for k, v in figures.items())


def affinity(name, x, y):
    x, y = np.round(x, 6), np.round(y, 6)
    cases.extend((name, repr(float(a)), repr(float(b))) for a, b in zip(x, y))
    figures = dict(pearson=pearsonr(x, y)[0], spearman=spearmanr(x, y)[0],
                   rmse=m.mean_squared_error(y, x) ** 0.5, mae=m.mean_absolute_error(y, x))
    values.extend((name, k, repr(float(v))) for k, v in figures.items())


y = rng.integers(0, 2, 201)
classification("plain", 1 / (1 + np.exp(-(1.5 * (y - 0.5) + rng.normal(size=201)))), y)
y = (rng.random(150) < 0.1).astype(int)
classification("rare", np.clip(0.3 * y + rng.beta(1, 4, 150), 0, 1), y)
y = rng.integers(0, 2, 97)
classification("ties", rng.integers(0, 5, 97) / 4, y)
y = np.array([0, 1, 1, 0, 1, 0, 0])
classification("tiny", np.array([0.0, 1.0, 0.5, 0.5, 0.25, 0.75, 0.1]), y)
x = rng.normal(6, 1.4, 180)
affinity("pkd", 0.6 * x + rng.normal(2, 1, 180), x)
x = rng.integers(0, 6, 120).astype(float)
affinity("affinity-ties", np.round(x + rng.normal(0, 2, 120)), x)
affinity("reversed", np.arange(9.0), -np.arange(9.0) ** 3)

with open("cases.tsv", "w") as out:
    print("case", "predicted", "truth", sep="\t", file=out)
    for row in cases:
        print(*row, sep="\t", file=out)
with open("values.tsv", "w") as out:
    print(f"# numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}", file=out)
    print("case", "metric", "value", sep="\t", file=out)
    for row in values:
        print(*row, sep="\t", file=out)
