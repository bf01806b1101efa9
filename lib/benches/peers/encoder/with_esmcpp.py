"""esm-cpp (PyPI): packed sequences, f32 or int8; its answer are logits, so it computes the small head as well.

    python with_esmcpp.py FOLDER f32|int8           answers lengths with processor seconds
"""
import sys

import esm_cpp
import numpy as np

from common import serve

model = esm_cpp.Model.load_from_safetensors(f"{sys.argv[1]}/model.safetensors")
if sys.argv[2] == "int8":
    model.quantize_weights()
serve(lambda sequences: model.forward_scheduled([np.array(s, np.int32) for s in sequences]))
