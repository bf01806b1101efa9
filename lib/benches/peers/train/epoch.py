"""Times training epochs of the PyTorch prototype of the late relay, with the settings of our defaults.

usage: epoch.py PROTOTYPE_FOLDER DATA_FOLDER SET THREADS EPOCHS
prints: seconds of the median epoch, parameters, torch version (tab-separated)

The prototype folder holds model.py, feats.py and the compiled libscan2.so.
"""
import statistics
import sys
import time

prototype, data, name, threads, epochs = sys.argv[1:3] + [sys.argv[3]] + [int(x) for x in sys.argv[4:6]]
sys.path.insert(0, prototype)
import numpy as np
import torch
import torch.nn.functional as F

import feats

feats.D = data.rstrip("/") + "/"
from model import Net, Pack

torch.set_num_threads(threads)
torch.manual_seed(1)
settings = dict(arch="relay", gamma="learn", g0=0.1, hnorm=1, head="full", d=64, e=128, dconv=4, dtmin=1e-3, dtmax=0.1,
                hid=64, drop=0.2, fdrop=0.1, noise=0.1, norm="z")
rnas, proteins, ri, pi, y, columns = feats.load(name)
a = feats.rna(rnas, "kmer", 128, 128, 32, [1, 2, 3])
b = feats.prot(proteins, "kmer", 32, 32, 32, [1, 2, 3])
pr, pp = Pack(*a), Pack(*b)
train = np.where(columns["random5"] != 0)[0]
pr.standardise(np.unique(ri[train]))
pp.standardise(np.unique(pi[train]))
net = Net(pr, pp, settings)
optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
rng = np.random.RandomState(1)
seconds = []
for _ in range(epochs + 1):
    start = time.perf_counter()
    order = rng.permutation(train)
    for at in range(0, len(order), 256):
        batch = order[at:at + 256]
        ua, ia = np.unique(ri[batch], return_inverse=True)
        ub, ib = np.unique(pi[batch], return_inverse=True)
        net.train()
        encoded = net.encode(pr, pp, ua, ub)
        logits = net.score(*encoded, torch.from_numpy(ia), torch.from_numpy(ib))
        target = torch.from_numpy(y[batch])
        loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        p = torch.sigmoid(logits)
        loss = (loss * (1 - torch.where(target > 0.5, p, 1 - p)) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
    seconds.append(time.perf_counter() - start)
print(f"{statistics.median(seconds[1:]):.6f}\t{sum(p.numel() for p in net.parameters())}\t{torch.__version__}")
