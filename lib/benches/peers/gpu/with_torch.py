"""What PyTorch and mamba-ssm take on a card for a case of the benchmark `gpu`: prints milliseconds (of a scan
forward and, where it has one, backward), or nothing where this peer has no such case.

    python with_torch.py reference|compiled|mamba-ssm scan bf16|f32 BATCH LENGTH CHANNELS DIRECTIONS
    python with_torch.py padded|sorted encoder bf16|f32 LAYERS WIDTH LENGTHS
"""
import sys
import time

STATES = 16
peer, case, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
if (case == "scan") != (peer in ("reference", "compiled", "mamba-ssm")):
    sys.exit()

if peer == "mamba-ssm":
    from mamba_ssm.ops.selective_scan_interface import selective_scan_fn
import torch
import torch.nn.functional as F

device = torch.device("cuda")


def milliseconds(call):
    call()
    torch.cuda.synchronize()
    times, began = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - began < 0.3:
        start = time.perf_counter()
        call()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) * 1e3)
    return sorted(times)[len(times) // 2]


def reference(u, delta, a, b, c, d, z, bias):
    """The definition, step by step; (B, L, D) and (B, L, N)."""
    dt = F.softplus(delta.float() + bias)
    decay = torch.exp(dt[..., None] * a)
    inflow = (dt * u.float())[..., None] * b.float()[:, :, None]
    state, outputs = torch.zeros_like(decay[:, 0]), []
    for step in range(u.shape[1]):
        state = decay[:, step] * state + inflow[:, step]
        outputs.append((state * c[:, step, None].float()).sum(-1))
    return ((torch.stack(outputs, 1) + d * u) * F.silu(z.float())).to(u.dtype)


def associative(u, delta, a, b, c, d, z, bias):
    from torch._higher_order_ops.associative_scan import associative_scan

    dt = F.softplus(delta.float() + bias)
    pair = (torch.exp(dt[..., None] * a), (dt * u.float())[..., None] * b.float()[:, :, None])
    join = lambda left, right: (left[0] * right[0], right[0] * left[1] + right[1])
    states = associative_scan(join, pair, 1, combine_mode="pointwise")[1]
    return (((states * c[:, :, None].float()).sum(-1) + d * u) * F.silu(z.float())).to(u.dtype)


def scan(number, batch, length, channels, ways):
    dtype = {"bf16": torch.bfloat16, "f32": torch.float32}[number]
    draw = lambda *shape: torch.randn(shape, device=device).to(dtype)
    inputs = [draw(batch, length, channels), draw(batch, length, channels),
              -torch.rand(channels, STATES, device=device) - 0.5, draw(batch, length, STATES), draw(batch, length, STATES),
              torch.ones(channels, device=device), draw(batch, length, channels),
              torch.full((channels,), -4.0, device=device)]
    if peer == "mamba-ssm":
        inputs = [x.transpose(1, 2).contiguous() if x.dim() == 3 else x for x in inputs]
        call = lambda u, delta, a, b, c, d, z, bias: selective_scan_fn(u, delta, a, b, c, d, z, bias, True)
    else:
        call = reference if peer == "reference" else torch.compile(associative)
    with torch.no_grad():
        forward = milliseconds(lambda: call(*inputs)) * ways
    for x in inputs:
        x.requires_grad_()
    try:
        return forward, milliseconds(lambda: call(*inputs).sum().backward()) * ways - forward
    except Exception as error:  # Not every version has gradients of an associative scan.
        print(f"{peer}: no backward: {error}", file=sys.stderr)
        return (forward,)


def rotated(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


class Encoder(torch.nn.Module):
    def __init__(self, layers, width):
        super().__init__()
        self.heads = 20
        linear = torch.nn.Linear
        self.embedding = torch.nn.Embedding(33, width)
        self.layers = torch.nn.ModuleList(torch.nn.ModuleDict({
            "before": torch.nn.LayerNorm(width), "qkv": linear(width, 3 * width), "out": linear(width, width),
            "between": torch.nn.LayerNorm(width), "up": linear(width, 4 * width), "down": linear(4 * width, width),
        }) for _ in range(layers))
        self.norm = torch.nn.LayerNorm(width)

    def forward(self, ids, mask):
        x = self.embedding(ids)
        half = x.shape[-1] // self.heads // 2
        frequencies = 1 / 10000 ** (torch.arange(half, device=device) / half)
        angles = torch.outer(torch.arange(ids.shape[1], device=device), frequencies).repeat(1, 2)
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        for layer in self.layers:
            q, k, v = layer["qkv"](layer["before"](x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
            y = F.scaled_dot_product_attention(rotated(q, cos, sin), rotated(k, cos, sin), v, attn_mask=mask)
            x = x + layer["out"](y.transpose(1, 2).flatten(2))
            x = x + layer["down"](F.gelu(layer["up"](layer["between"](x))))
        return self.norm(x)


def encoder(number, layers, width, lengths):
    """All at once padded to the longest, or sorted in batches of 16."""
    lengths = [int(length) for length in lengths.split(",")]
    model = Encoder(int(layers), int(width)).to(device, {"bf16": torch.bfloat16, "f32": torch.float32}[number]).eval()
    torch.backends.cuda.matmul.allow_tf32 = False
    at_once = len(lengths) if peer == "padded" else 16
    lengths = lengths if peer == "padded" else sorted(lengths)
    batches = []
    for first in range(0, len(lengths), at_once):
        own = torch.tensor(lengths[first:first + at_once], device=device)
        longest = int(own.max())
        there = torch.arange(longest, device=device)[None] < own[:, None]
        ids = torch.randint(4, 24, there.shape, device=device)
        batches.append((ids, None if bool(there.all()) else there[:, None, None]))
    with torch.inference_mode():
        return milliseconds(lambda: [model(*batch) for batch in batches])


try:
    result = (encoder(*rest),) if case == "encoder" else scan(rest[0], *map(int, rest[1:]))
    print(*(f"{x:.6f}" for x in result))
except Exception as error:  # A peer that has no room has no figure.
    sys.exit(f"{peer} {' '.join(rest)}: {error}")
