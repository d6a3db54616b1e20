"""A sentence-embedding model of a few kilobytes, written as such models are given away; needs the package `onnx` to be made.

    python -m tests.methods.search.tiny FOLDER

Each word has a vector; the model gives one for each token, and who reads it takes their mean. Words of the same meaning in
English and Khmer have the same vector.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

MEANINGS = [
    ["[PAD]"],
    ["[UNK]"],
    ["water", "ទឹក"],
    ["school", "សាលា"],
    ["road", "ផ្លូវ"],
    ["query:"],
    ["passage:"],
]
WIDTH = 8


def make(folder: Path) -> None:
    """Write the folder."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper

    words = [word for same in MEANINGS for word in same]
    of = [place for place, same in enumerate(MEANINGS) for _ in same]
    rows = np.random.default_rng(1).normal(size=(len(MEANINGS), WIDTH))[of].astype(np.float32)
    rows[[words.index("query:"), words.index("passage:")]] *= 0.1
    ids, mask = (
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    )
    out = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", WIDTH])
    table = helper.make_tensor("table", TensorProto.FLOAT, rows.shape, rows.ravel())
    node = helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"], axis=0)
    graph = helper.make_graph([node], "tiny", [ids, mask], [out], [table])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(made, str(folder / "model.onnx"))
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: place for place, word in enumerate(words)},
            "unk_token": "[UNK]",
        },
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    prompts = {"prompts": {"query": "query: ", "passage": "passage: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts), encoding="utf-8")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
