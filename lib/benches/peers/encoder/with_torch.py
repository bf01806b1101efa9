"""ESM-2's encoder in PyTorch on the CPU, sequences sorted by length in batches, padded within each.

    python with_torch.py FOLDER f32|bf16 BATCH      answers lengths with processor seconds
    python with_torch.py gemm WIDTH                 prints GFLOP per processor second of the linear layers, f32 and bf16
"""
import json
import os
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
import torch
import torch.nn.functional as F

from common import seconds, serve

torch.set_num_threads(int(os.environ.get("THREADS", os.cpu_count())))


def load(folder):
    with open(f"{folder}/model.safetensors", "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    data = torch.from_file(f"{folder}/model.safetensors", dtype=torch.uint8,
                           size=os.path.getsize(f"{folder}/model.safetensors"))[8 + size:]
    return {name: data[slice(*at["data_offsets"])].clone().view(torch.float32).reshape(at["shape"])
            for name, at in header.items() if name.startswith("esm.")}


def rotated(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


class Encoder:
    def __init__(self, folder, dtype):
        self.config = json.load(open(f"{folder}/config.json"))
        weights = load(folder)
        self.frequencies = weights["esm.encoder.layer.0.attention.self.rotary_embeddings.inv_freq"]
        self.weights = {name[4:]: tensor.to(dtype) for name, tensor in weights.items() if "inv_freq" not in name}
        self.dtype = dtype

    def linear(self, name, x):
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights[name + ".bias"], 1e-5)

    def __call__(self, ids, mask):
        heads = self.config["num_attention_heads"]
        x = self.weights["embeddings.word_embeddings.weight"][ids] * 0.88
        angles = torch.outer(torch.arange(ids.shape[1]).float(), self.frequencies)
        angles = torch.cat((angles, angles), -1)
        cos, sin = angles.cos().to(self.dtype), angles.sin().to(self.dtype)
        if mask is not None:
            x = x * mask[..., None]
            mask = mask[:, None, None, :]
        for i in range(self.config["num_hidden_layers"]):
            at = f"encoder.layer.{i}."
            y = self.norm(at + "attention.LayerNorm", x)
            q, k, v = (self.linear(at + f"attention.self.{part}", y).unflatten(-1, (heads, -1)).transpose(1, 2)
                       for part in ("query", "key", "value"))
            y = F.scaled_dot_product_attention(rotated(q, cos, sin), rotated(k, cos, sin), v, attn_mask=mask)
            x = x + self.linear(at + "attention.output.dense", y.transpose(1, 2).flatten(2))
            y = F.gelu(self.linear(at + "intermediate.dense", self.norm(at + "LayerNorm", x)))
            x = x + self.linear(at + "output.dense", y)
        return self.norm("encoder.emb_layer_norm_after", x)


def batches(sequences, size):
    sequences = sorted(sequences, key=len)
    for at in range(0, len(sequences), size):
        some = sequences[at:at + size]
        longest = max(map(len, some))
        ids = torch.tensor([s + [1] * (longest - len(s)) for s in some])
        yield ids, None if all(len(s) == longest for s in some) else ids != 1


def gemm(width):
    for dtype in (torch.float32, torch.bfloat16):
        a, b = torch.randn(2048, width).to(dtype), torch.randn(2048, 4 * width).to(dtype)
        up, down = torch.randn(4 * width, width).to(dtype), torch.randn(width, 4 * width).to(dtype)
        best = 0
        for _ in range(6):
            start = seconds()
            for _ in range(3):
                F.linear(a, up)
                F.linear(b, down)
            best = max(best, 3 * 2 * 2 * 2048 * 4 * width * width / (seconds() - start) / 1e9)
        print(f"{best:.1f}")


with torch.inference_mode():
    if sys.argv[1] == "gemm":
        gemm(int(sys.argv[2]))
    else:
        encoder = Encoder(sys.argv[1], {"f32": torch.float32, "bf16": torch.bfloat16}[sys.argv[2]])
        size = int(sys.argv[3])
        serve(lambda sequences: [encoder(*batch) for batch in batches(sequences, size)])
