"""Makes campplus-zh-en.onnx: the weights of a model in 32 bits, kept in 16.

    pip install onnx==1.23.2 numpy
    python make.py campplus_zh_en.onnx

Each weight is cast back to 32 bits when the model is loaded.
"""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALL = 1024  # fewer numbers are left as they are

model = onnx.load(sys.argv[1])
weights, casts = [], []
for weight in model.graph.initializer:
    numbers = numpy_helper.to_array(weight)
    if numbers.dtype != np.float32 or numbers.size < SMALL:
        weights.append(weight)
        continue
    half = weight.name + "_h"
    weights.append(numpy_helper.from_array(numbers.astype(np.float16), half))
    casts.append(helper.make_node("Cast", [half], [weight.name], to=TensorProto.FLOAT))
nodes = casts + list(model.graph.node)
del model.graph.initializer[:], model.graph.node[:]
model.graph.initializer.extend(weights)
model.graph.node.extend(nodes)
onnx.checker.check_model(model)
onnx.save(model, "campplus-zh-en.onnx")
