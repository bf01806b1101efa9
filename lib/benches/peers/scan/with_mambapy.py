"""Times the parallel scan of mambapy (PyPI, on torch) as its block calls it: softplus, scan, skip, gate.

with_mambapy.py forward|forward+backward BATCH LENGTH CHANNELS STATES prints nanoseconds per element: processor time on
one thread (RAYON_NUM_THREADS), the clock on several.
"""

import os
import sys
import time

import torch
from mambapy.pscan import pscan

both = sys.argv[1] == "forward+backward"
b, l, d, n = (int(text) for text in sys.argv[2:6])
threads = int(os.environ.get("RAYON_NUM_THREADS", "1"))
torch.set_num_threads(threads)
seconds = time.process_time if threads == 1 else time.perf_counter
torch.manual_seed(1)


def draw(*shape):
    return ((torch.rand(shape) - 0.5) * 3.4).requires_grad_(both)


u, delta, z = draw(b, l, d), draw(b, l, d), draw(b, l, d)
bm, cm = draw(b, l, n), draw(b, l, n)
a = (-torch.arange(1.0, n + 1).repeat(d, 1)).requires_grad_(both)
skip, bias = torch.ones(d, requires_grad=both), torch.full((d,), -4.0, requires_grad=both)
by = (torch.rand(b, l, d) - 0.5) * 3.4
inputs = [u, delta, z, bm, cm, a, skip, bias]


def forward():
    dt = torch.nn.functional.softplus(delta + bias)
    decay = torch.exp(dt.unsqueeze(-1) * a)  # (b, l, d, n)
    added = dt.unsqueeze(-1) * bm.unsqueeze(2) * u.unsqueeze(-1)
    y = (pscan(decay, added) @ cm.unsqueeze(-1)).squeeze(3)  # (b, l, d)
    return (y + skip * u) * torch.nn.functional.silu(z)


def call():
    if both:
        torch.autograd.grad(forward(), inputs, by)
    else:
        with torch.no_grad():
            forward()


call()
times = []
for _ in range(3):
    start = seconds()
    call()
    times.append((seconds() - start) * 1e9 / (b * l * d * n))
print(sorted(times)[1])
