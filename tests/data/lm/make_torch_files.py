#!/usr/bin/env python3
"""Writes tests/data/lm/torch: small files as PyTorch itself saves them. Run once, with PyTorch 2.15; keep the result.

Every tensor holds 0, 1, 2, … in its own order, so that a test needs no other list of values.
"""
import argparse
import collections
import json
import pathlib

import torch

OUT = pathlib.Path(__file__).resolve().parent / "torch"
OUT.mkdir(exist_ok=True)


def count(*shape, dtype=torch.float32):
    size = 1
    for extent in shape:
        size *= extent
    return torch.arange(size).to(dtype).reshape(shape)


# Types, strides, offsets and shared storages, in every protocol that torch.save takes.
big = count(4, 6)
values = collections.OrderedDict(
    f32=count(2, 3), f16=count(2, 3, dtype=torch.float16), bf16=count(2, 3, dtype=torch.bfloat16),
    f64=count(2, 3, dtype=torch.float64), i64=count(3, dtype=torch.int64), u8=count(3, dtype=torch.uint8),
    u16=count(3, dtype=torch.uint16), truth=torch.tensor([False, True]), scalar=torch.tensor(7.0),
    empty=torch.zeros(0, 3), whole=big, transposed=big.t(), part=big[1:3, 2:5], column=big[:, 5], tied=big,
    parameter=torch.nn.Parameter(count(2, 2)),
)
values._metadata = collections.OrderedDict([("", {"version": 1})])
extra = {"epoch": 3, "rate": 0.5, "long": 1 << 80, "none": None, "flags": [True, False], "pair": (1, 2), "names": {"a", "b"},
         "device": torch.device("cpu"), "type": torch.float16, "size": torch.Size([2, 3]), "path": pathlib.PurePosixPath("a/b"),
         "options": argparse.Namespace(heads=4, label="é"), "counts": collections.defaultdict(int, {"a": 1}), "bytes": b"\x00\xff"}
for protocol in (2, 4):
    torch.save({"state_dict": values, **extra}, OUT / f"values_{protocol}.pt", pickle_protocol=protocol)

# What is refused: the format before torch 1.6, a program, a whole object.
torch.save({"x": count(2)}, OUT / "legacy.pt", _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), OUT / "script.pt")
torch.save(torch.nn.Linear(2, 2), OUT / "module.pt")

# As fair-esm's extract.py writes it.
torch.save({"label": "a", "representations": {2: count(3, 4), 6: count(3, 4)}, "mean_representations": {6: count(4)}}, OUT / "extract.pt")

# ESM-2 of two blocks in two shards, as transformers wrote .bin files.
D, F, L = 8, 16, 2
esm = {"esm.embeddings.word_embeddings.weight": count(33, D)}
for i in range(L):
    p = f"esm.encoder.layer.{i}."
    for name, shape in {"attention.self.query": (D, D), "attention.self.key": (D, D), "attention.self.value": (D, D),
                        "attention.output.dense": (D, D), "intermediate.dense": (F, D), "output.dense": (D, F)}.items():
        esm[p + name + ".weight"], esm[p + name + ".bias"] = count(*shape), count(shape[0])
    for name in ("attention.LayerNorm", "LayerNorm"):
        esm[p + name + ".weight"], esm[p + name + ".bias"] = count(D), count(D)
    esm[p + "attention.self.rotary_embeddings.inv_freq"] = count(2) / 2
esm["esm.encoder.emb_layer_norm_after.weight"], esm["esm.encoder.emb_layer_norm_after.bias"] = count(D), count(D)
folder = OUT / "esm_sharded"
folder.mkdir(exist_ok=True)
files = [f"pytorch_model-0000{k}-of-00002.bin" for k in (1, 2)]
weight_map = {name: files["layer.1." in name or "after" in name] for name in esm}
for file in files:
    torch.save({name: tensor.half() for name, tensor in esm.items() if weight_map[name] == file}, folder / file)
(folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {"total_size": 0}, "weight_map": weight_map}, indent=1))
(folder / "config.json").write_text(json.dumps({
    "model_type": "esm", "hidden_size": D, "num_hidden_layers": L, "num_attention_heads": 2, "intermediate_size": F, "vocab_size": 33,
    "layer_norm_eps": 1e-5, "position_embedding_type": "rotary", "token_dropout": True, "mask_token_id": 32}, indent=1))

# RiNALMo after fine-tuning, without flash attention: prefix `lm.`, three projections, a head, under "model".
rinalmo = {"lm.embedding.weight": count(22, D)}
for i in range(L):
    p = f"lm.transformer.blocks.{i}."
    for name in ("to_q", "to_k", "to_v", "out_proj"):
        rinalmo[p + f"mh_attn.mh_attn.{name}.weight"] = count(D, D)
    for name in ("attn_layer_norm", "out_layer_norm"):
        rinalmo[p + name + ".weight"], rinalmo[p + name + ".bias"] = count(D), count(D)
    rinalmo[p + "mh_attn.mh_attn.rotary_emb.inv_freq"] = count(2)
    rinalmo[p + "transition.0.beta"] = count(1)
    for name in ("linear", "linear_gate"):
        rinalmo[p + f"transition.0.{name}.weight"], rinalmo[p + f"transition.0.{name}.bias"] = count(F, D), count(F)
    rinalmo[p + "transition.2.weight"], rinalmo[p + "transition.2.bias"] = count(D, F), count(D)
rinalmo["lm.transformer.final_layer_norm.weight"], rinalmo["lm.transformer.final_layer_norm.bias"] = count(D), count(D)
rinalmo["lm.lm_mask_head.linear1.weight"], rinalmo["pred_head.conv.weight"], rinalmo["threshold"] = count(D, D), count(2, D), torch.tensor(0.5)
folder = OUT / "rinalmo_finetuned"
folder.mkdir(exist_ok=True)
torch.save({"model": {name: tensor.bfloat16() for name, tensor in rinalmo.items()}, "epoch": 1}, folder / "rinalmo_ss.pt")
(folder / "config.json").write_text(json.dumps({"num_attention_heads": 2}))
