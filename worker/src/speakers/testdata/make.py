"""Makes the speaker models and the reference features of the tests anew.

    pip install onnx==1.23.2 kaldi-native-fbank==1.22.5 numpy
    ffmpeg -i conversation.ogg -ar 16000 -ac 1 conversation.wav && python make.py && rm conversation.wav

The models have the inputs, outputs and metadata of the published ones, and know the voices of conversation.ogg: how
much each band swings, times weights that a ridge regression found.
"""

import json
import wave

import kaldi_native_fbank as kaldi
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STYLES = {
    "wespeaker": {"window": "hamming", "scale": 32768, "input": "feats", "output": "embs"},
    "3d-speaker": {"window": "povey", "scale": 1, "input": "x", "output": "embedding"},
}


def fbank(samples, style):
    options = kaldi.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.window_type = style["window"]
    options.mel_opts.num_bins = 80
    computer = kaldi.OnlineFbank(options)
    computer.accept_waveform(16000, (samples * style["scale"]).tolist())
    return np.stack([computer.get_frame(at) for at in range(computer.num_frames_ready)])


def swing(samples, style):
    frames = fbank(samples, style)
    return np.sqrt(((frames - frames.mean(0)) ** 2).mean(0))


def noise(count):
    """Noise that swells every 0.1 s, the same as the tests make."""
    seed, samples = 1, []
    for at in range(count):
        seed = (seed * 1_664_525 + 1_013_904_223) % 2**32
        samples.append(((seed >> 16) / 32_768 - 1) * (at % 1600) / 1600)
    return np.array(samples, dtype=np.float32)


def voices():
    with wave.open("conversation.wav") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16) / np.float32(32768)
    for one in json.load(open("conversation.json"))["sentences"]:
        start, end = (int(one[key] * 16000) for key in ("start", "end"))
        for at in range(start, max(start + 1, end - 31_999), 8_000):
            yield one["speaker"], samples[at : min(at + 32_000, end)]


def model(framework, style):
    names, heard = zip(*voices())
    swings = np.array([np.append(swing(samples, style), 1) for samples in heard])
    people = np.array([[name == person for person in sorted(set(names))] for name in names], dtype=float)
    weights = np.linalg.solve(swings.T @ swings + 0.3 * np.eye(81), swings.T @ people).astype(np.float32)
    nodes = [
        helper.make_node("Mul", [style["input"], style["input"]], ["squares"]),
        helper.make_node("ReduceMean", ["squares"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("Sqrt", ["mean"], ["swing"]),
        helper.make_node("MatMul", ["swing", "weights"], ["product"]),
        helper.make_node("Add", ["product", "bias"], [style["output"]]),
    ]
    graph = helper.make_graph(
        nodes,
        "speakers",
        [helper.make_tensor_value_info(style["input"], TensorProto.FLOAT, ["B", "T", 80])],
        [helper.make_tensor_value_info(style["output"], TensorProto.FLOAT, ["B", 3])],
        [numpy_helper.from_array(weights[:80], "weights"), numpy_helper.from_array(weights[80], "bias")],
    )
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    metadata = {"framework": framework, "sample_rate": "16000", "output_dim": "3"}
    helper.set_model_props(whole, metadata)
    onnx.checker.check_model(whole)
    onnx.save(whole, f"{framework}.onnx")
    return swing(noise(32_000), style) @ weights[:80] + weights[80]


reference = {}
for framework, style in STYLES.items():
    vector = model(framework, style)
    frames = fbank(noise(32_000), style)[::66]
    reference[framework] = {
        "frames": [[round(float(band), 4) for band in frame] for frame in frames],
        "vector": [round(float(number), 4) for number in vector],
    }
json.dump(reference, open("reference.json", "w"))
