"""A model in a folder of the operator's, and the one process that holds a model for all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from highground.methods.search.embedding import find_embedder, identity
from highground.methods.search.errors import SearchError
from highground.methods.search.serving import ServedEmbedder, is_able, socket_of
from tests.support.parts import skip_without

TINY = Path(__file__).parent / "tiny-model"
"""Made by `tiny.py`."""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    if not all(find_spec(name) for name in ("onnxruntime", "tokenizers")):
        skip_without("onnx", "the extra [onnx] is not installed: pip install -e .[onnx]")
    shutil.copytree(TINY, tmp_path / "model")
    return tmp_path / "model"


def test_a_folder_with_a_model_embeds(model: Path) -> None:
    embedder = find_embedder(model)
    assert embedder is not None
    passages = embedder.embed(["ទឹក", "road road", "School"], "passage")
    assert passages.shape == (3, embedder.dimensions) == (3, 8)
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-5)
    near = embedder.embed(["water", "ផ្លូវ", "សាលា"], "query") @ passages.T
    assert [int(place) for place in near.argmax(1)] == [0, 1, 2]
    alone = embedder.embed(["water"], "query")
    assert np.allclose(embedder.embed(["water", "road school water road"], "query")[:1], alone, atol=1e-5)
    assert not np.allclose(embedder.embed(["water"], "passage"), alone)
    assert embedder.embed([], "query").shape == (0, 8)


def test_another_model_has_another_name(model: Path) -> None:
    before = find_embedder(model)
    (model / "config_sentence_transformers.json").unlink()
    after = find_embedder(model)
    assert before is not None and after is not None
    assert identity(before) != identity(after)


def test_a_folder_without_a_usable_model_is_told_by_its_file(model: Path) -> None:
    (model / "1_Pooling" / "config.json").write_text("no json")
    with pytest.raises(SearchError, match=r"1_Pooling/config\.json: not JSON"):
        find_embedder(model)
    (model / "tokenizer.json").write_text("{}")
    with pytest.raises(SearchError, match=r"tokenizer\.json: not a tokenizer"):
        find_embedder(model)
    (model / "model.onnx").write_bytes(b"no model")
    with pytest.raises(SearchError, match=r"model\.onnx: not an ONNX model"):
        find_embedder(model)
    (model / "model.onnx").unlink()
    with pytest.raises(SearchError, match=r"there is no model\.onnx; put a sentence-embedding model"):
        find_embedder(model)


@pytest.mark.skipif(not is_able(), reason="this system has no sockets that are files")
def test_one_process_holds_the_model_for_all_and_is_started_again(model: Path) -> None:
    local = find_embedder(model)
    assert local is not None
    served = ServedEmbedder(model)
    assert (served.model, served.dimensions) == (local.model, local.dimensions)
    texts = ["water", "ផ្លូវ", "something else"]
    assert np.allclose(served.embed(texts, "query"), local.embed(texts, "query"), atol=1e-6)
    script = (
        "import sys; from pathlib import Path; from highground.methods.search.serving import ServedEmbedder;"
        "print(ServedEmbedder(Path(sys.argv[1])).embed(['water'] * 500, 'passage').shape)"
    )
    others = [
        subprocess.Popen([sys.executable, "-c", script, str(model)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [other.communicate()[0].strip() for other in others] == ["(500, 8)"] * 3
    (holder,) = holders(model)
    os.kill(holder, signal.SIGKILL)
    assert served.embed(texts, "query").shape == (3, 8)
    (new,) = holders(model)
    assert new != holder
    os.kill(new, signal.SIGKILL)


@pytest.mark.skipif(not is_able(), reason="this system has no sockets that are files")
def test_a_model_that_can_t_be_used_is_told_to_whoever_asks(model: Path) -> None:
    (model / "model.onnx").write_bytes(b"no model")
    with pytest.raises(SearchError, match=r"model\.onnx: not an ONNX model"):
        ServedEmbedder(model)
    for holder in holders(model):
        os.kill(holder, signal.SIGKILL)


@pytest.mark.skipif(not is_able(), reason="this system has no sockets that are files")
def test_the_socket_lies_where_nobody_else_can_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    place = socket_of(None).parent
    assert place.stat().st_mode & 0o777 == 0o700
    place.chmod(0o755)
    with pytest.raises(SearchError, match="others can enter it; remove it"):
        socket_of(None)


def holders(model: Path) -> list[int]:
    """The processes that hold the model of a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"highground.methods.search.serving" in words and str(model).encode() in words:
            found.append(int(path.parent.name))
    return found
