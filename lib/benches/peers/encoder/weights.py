"""Writes ESM-2 of a published size with random weights, in the layout of its published files.

    python weights.py FOLDER LAYERS WIDTH
"""
import json
import os
import sys

import numpy as np

folder, layers, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = np.random.default_rng(20260101)
tensors = {}


def linear(name, outputs, inputs):
    # Deviations that keep the residual stream and the scores in the range of a trained model's.
    tensors[f"{name}.weight"] = (rng.standard_normal((outputs, inputs), np.float32) / np.float32(np.sqrt(inputs)))
    tensors[f"{name}.bias"] = rng.standard_normal(outputs, np.float32) * np.float32(0.02)


def norm(name):
    tensors[f"{name}.weight"] = 1 + rng.standard_normal(width, np.float32) * np.float32(0.05)
    tensors[f"{name}.bias"] = rng.standard_normal(width, np.float32) * np.float32(0.05)


tensors["esm.embeddings.word_embeddings.weight"] = rng.standard_normal((33, width), np.float32)
head = width // 20
frequencies = (1 / 10000 ** (np.arange(0, head, 2, dtype=np.float32) / np.float32(head))).astype(np.float16)
for i in range(layers):
    at = f"esm.encoder.layer.{i}."
    for part in ("query", "key", "value"):
        linear(at + f"attention.self.{part}", width, width)
    tensors[at + "attention.self.rotary_embeddings.inv_freq"] = frequencies.astype(np.float32)
    linear(at + "attention.output.dense", width, width)
    linear(at + "intermediate.dense", 4 * width, width)
    linear(at + "output.dense", width, 4 * width)
    norm(at + "attention.LayerNorm")
    norm(at + "LayerNorm")
norm("esm.encoder.emb_layer_norm_after")
linear("lm_head.dense", width, width)
norm("lm_head.layer_norm")
tensors["lm_head.bias"] = np.zeros(33, np.float32)

config = {
    "architectures": ["EsmForMaskedLM"], "model_type": "esm", "hidden_size": width, "num_hidden_layers": layers,
    "num_attention_heads": 20, "intermediate_size": 4 * width, "vocab_size": 33, "layer_norm_eps": 1e-5,
    "hidden_act": "gelu", "position_embedding_type": "rotary", "token_dropout": True, "emb_layer_norm_before": False,
    "pad_token_id": 1, "mask_token_id": 32, "max_position_embeddings": 1026, "torch_dtype": "float32",
}
os.makedirs(folder, exist_ok=True)
with open(f"{folder}/config.json", "w") as file:
    json.dump(config, file)
header, at = {}, 0
for name, tensor in tensors.items():
    header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + tensor.nbytes]}
    at += tensor.nbytes
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(f"{folder}/model.safetensors.part", "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text)
    for tensor in tensors.values():
        file.write(tensor.tobytes())
os.replace(f"{folder}/model.safetensors.part", f"{folder}/model.safetensors")
