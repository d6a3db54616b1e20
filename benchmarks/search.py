"""`./run bench search`: how long a query takes among many profiles and passages, by words and by meaning; what building costs.

The indexes of words are built for real, of made-up words drawn as words are (Zipf), two thirds in Latin letters and one third
in Chinese ones. Building is a process of its own, which is killed halfway and started again, and while it runs passages are
searched. The vectors of the dense arm are drawn around `--embedded` really embedded ones, because embedding a million passages
takes days: each is one of these plus noise. Those that are embedded are the beginnings of passages; the rate of embedding is
measured on whole passages too, and the full cost worked out from that. Targets on two cores: p95 80 ms among 100,000
profiles, 150 ms among 1,000,000 passages, recall@10 at least .95 against brute force, 2 GiB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench, cpu_seconds, percentile
from benchmarks._passages import Texts, drawn_people
from highground.methods.search.approximate import is_installed
from highground.methods.search.embedding import NO_EMBEDDER, Embedder, Kind, Vectors, find_embedder
from highground.methods.search.experts import ExpertFinder
from highground.methods.search.glossary import load_glossary
from highground.methods.search.index import Index
from highground.methods.search.large import LargeIndex, is_large, open_words
from highground.methods.search.nearest import StoredPassages
from highground.methods.search.steps import WordIndex
from highground.methods.search.vectors import VectorStore

BLOCK = 10_000
NOISE = 0.5
"""Of the length of a vector; two of the same origin then have a cosine of about .8."""
RATE = 64
"""Whole passages by which the rate of embedding is measured."""
LINES = 3
"""Lines of evidence of a profile."""
MOST_MS = {"profiles": 80, "passages": 150}
"""Of a whole query, at the 95th percentile."""
LEAST_RECALL, MOST_MIB = 0.95, 2_048


class Clock:
    """Wall and processor time of one query after another: on a busy machine the two lie far apart."""

    def __init__(self) -> None:
        self._wall: list[float] = []
        self._cpu: list[float] = []

    def __enter__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def __exit__(self, *problem: object) -> None:
        self._wall.append(time.perf_counter() - self._began[0])
        self._cpu.append(time.process_time() - self._began[1])

    def tell(self, bench: Bench, part: str, **figures: Any) -> None:
        """Keep the percentiles."""
        bench.times(part, self._wall)
        bench.add(part, cpu_p95_ms=round(percentile(self._cpu, 0.95) * 1000, 2), **figures)


def build_words(folder: Path, seed: int, total: int) -> None:
    """Write what the index does not hold yet."""
    texts, index = Texts(seed), open_words(folder, total)
    wanted = index.missing(str(number) for number in range(total))
    index.add(texts.passage(int(key)) for key in wanted)


def build_vectors(home: Path, total: int) -> None:
    """Write what the store of vectors does not hold yet, and complete the graphs."""
    store, origins = VectorStore(Known(), home / "vectors.sqlite"), np.load(home / "origins.npy")
    texts = Texts(1)
    begun = len(store)
    for number, rows in enumerate(drawn(origins, total)):
        first = number * BLOCK
        if first + len(rows) > begun:
            store.put([texts.named(first + place) for place in range(len(rows))], rows)
    StoredPassages(store, save=True)


class Centred:
    """An embedder without the mean of what was embedded: the drawn vectors have none either."""

    def __init__(self, embedder: Embedder, mean: Vectors) -> None:
        self.model, self.dimensions = embedder.model, embedder.dimensions
        self._embedder, self._mean = embedder, mean

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        centred: Vectors = self._embedder.embed(texts, kind) - self._mean
        return centred


class Known:
    """An embedder whose vectors are made already."""

    model, dimensions = "drawn", 384

    def embed(self, texts: Sequence[str], kind: Kind) -> Vectors:
        raise NotImplementedError


def killed_and_built(
    bench: Bench, part: str, built: Path, command: list[str], half: Callable[[], bool], whole: int
) -> None:
    """Run the building process, kill it when half is there, and run it again to the end; not where `built` is there."""
    if built.exists():
        return
    with bench.part(part):
        process = subprocess.Popen(command)
        while not half() and process.poll() is None:
            time.sleep(0.2)
        process.kill()
        process.wait()
        again = time.perf_counter()
        subprocess.run(command, check=True)
    bench.add(part, after_kill_seconds=round(time.perf_counter() - again, 1))
    bench.add(part, documents=whole, per_second=round(whole / bench.figures(part)["cpu_seconds"]))
    built.touch()


def words_part(bench: Bench, name: str, folder: Path, seed: int, total: int, asked: int) -> WordIndex[Any]:
    """Build an index of words, searching it meanwhile, and then ask it."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, __file__, "--build", str(folder), "--seed", str(seed), "--total", str(total)]
    texts, clock, state = Texts(seed), Clock(), {"held": 0, "answered": 0, "asked": 0}
    queries = iter(texts.queries(total, 100_000))

    def half() -> bool:
        if not any(folder.glob("words*/meta.json")):
            return False
        index = open_words(folder)
        query, language = next(queries)
        with clock:
            state["answered"] += bool(index.search(query, language))
        state["asked"] += 1
        state["held"] = len(index)
        return len(index) >= total // 2

    killed_and_built(bench, f"{name}: build", folder / "words.built", command, half, total)
    bench.add(f"{name}: build", mib=_mib(folder))
    if state["asked"]:
        bench.add(f"{name}: build", at_kill=state["held"])
        clock.tell(bench, f"{name}: query while it builds", answered=state["answered"])
    index, clock, hits = open_words(folder), Clock(), 0
    for query, language in texts.queries(total, asked):
        with clock:
            found = index.search(query, language, limit=10)
        hits += bool(found)
    clock.tell(bench, f"{name}: query by words", answered=hits)
    bench.add(f"{name}: query by words", engine="tantivy" if isinstance(index, LargeIndex) else "sqlite")
    return index


def embedded(bench: Bench, home: Path, embedder: Embedder, count: int, full: int) -> tuple[Vectors, Vectors]:
    """The vectors of the beginnings of passages without their mean, that mean, and what all would take."""
    texts, store = Texts(1), VectorStore(embedder, home / "embedded.sqlite")
    began, new = cpu_seconds(), count - len(store)
    store.add(texts.beginning(number) for number in range(count))
    if new > 0:
        spent = cpu_seconds() - began
        bench.add("embedding", beginnings=new, cpu_ms_of_a_beginning=round(spent / new * 1000, 1))
    began = cpu_seconds()
    embedder.embed([texts.passage(number).text for number in range(RATE)], "passage")
    spent = (cpu_seconds() - began) / RATE
    bench.add("embedding", whole_passages=RATE, cpu_ms_of_a_passage=round(spent * 1000, 1))
    bench.add("embedding", core_hours_for_all=round(spent * full / 3600, 1))
    rows = np.concatenate([rows for _, rows in store.blocks().values()])
    mean = rows.mean(0)
    rows -= mean
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), mean


def drawn(origins: Vectors, total: int) -> Iterator[Vectors]:
    """Vectors around the origins, in blocks; the same at every call."""
    width = origins.shape[1]
    for first in range(0, total, BLOCK):
        chance = np.random.default_rng([7, first])
        rows = origins[chance.integers(0, len(origins), min(BLOCK, total - first))]
        noise = chance.normal(size=rows.shape, scale=NOISE / width**0.5).astype(np.float32)
        moved = rows + noise
        yield moved / np.linalg.norm(moved, axis=1, keepdims=True)


def ask_dense(
    bench: Bench, store: VectorStore, nearest: StoredPassages, asked: Vectors, languages: list[str]
) -> None:
    """Time and recall of the graphs against a comparison with every vector."""
    found, clock = [], Clock()
    for vector, language in zip(asked, languages, strict=True):
        with clock:
            found.append(set(nearest.search(vector, language, limit=10)))
    held = resident()
    clock.tell(bench, "passages: query by meaning", **held)
    bench.hold(held["most_mib"] <= MOST_MIB, f"memory: {held['most_mib']} MiB; the target is {MOST_MIB}")
    best, names = np.zeros((len(asked), 0), np.float32), np.zeros((len(asked), 0), dtype=object)
    for each in store.counts():
        mean = store.mean(each)
        means = np.stack([store.mean(language) for language in languages])
        for numbers, rows in store.read(store.numbers(each)):
            rows = rows - mean
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            scores = (asked - means) @ rows.T
            top = np.argpartition(-scores, 10, axis=1)[:, :10]
            keys = store.keys_of(sorted({int(numbers[place]) for place in top.ravel()}))
            best = np.concatenate([best, np.take_along_axis(scores, top, 1)], axis=1)
            named = np.array([[keys[int(numbers[place])] for place in row] for row in top], dtype=object)
            names = np.concatenate([names, named], axis=1)
        kept = np.argsort(-best, axis=1)[:, :10]
        best, names = np.take_along_axis(best, kept, 1), np.take_along_axis(names, kept, 1)
    recall = np.mean([len(mine & set(right)) / 10 for mine, right in zip(found, names, strict=True)])
    bench.add("passages: query by meaning", recall_at_10=round(float(recall), 3))
    bench.hold(recall >= LEAST_RECALL, f"recall@10 is {recall:.3f}; the target is {LEAST_RECALL}")


def ask_all(
    bench: Bench,
    part: str,
    index: Index,
    queries: list[tuple[str, str]],
    finder: ExpertFinder[int] | None = None,
) -> None:
    """The whole way of a query: embed it, ask both arms and the glossary, fuse; for people also their lines."""
    clock = Clock()
    for query, language in queries:
        with clock:
            index.answer(query, language, limit=40)
            if finder is not None:
                finder.by_normalised_relevance(query, language, limit=200)
    clock.tell(bench, part)


def people_part(bench: Bench, total: int, queries: list[tuple[str, str]]) -> ExpertFinder[int]:
    """People by their lines: taken in at once, one changed, and asked."""
    finder: ExpertFinder[int] = ExpertFinder()
    with bench.part("people by their lines: build"):
        finder.load(drawn_people(total, LINES))
    bench.add("people by their lines: build", documents=len(finder))
    changes, clock = drawn_people(50, LINES, seed=9), Clock()
    for name, document in changes:
        with clock:
            finder.update({name: document})
    clock.tell(bench, "people by their lines: a change")
    clock = Clock()
    for query, language in queries:
        with clock:
            finder.by_normalised_relevance(query, language, limit=200)
    clock.tell(bench, "people by their lines: query")
    return finder


def main() -> None:
    """Build, ask, tell."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profiles", type=int, default=100_000)
    options.add_argument("--passages", type=int, default=1_000_000)
    options.add_argument("--embedded", type=int, default=20_000)
    options.add_argument("--queries", type=int, default=300)
    options.add_argument(
        "--home",
        type=Path,
        help="where all that is built is kept: another run there, of the same sizes, only asks",
    )
    options.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--vectors", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    options.add_argument("--total", type=int, default=0, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.build:
        build_words(given.build, given.seed, given.total)
    elif given.vectors:
        build_vectors(given.vectors, given.total)
    else:
        run(given)


def run(given: argparse.Namespace) -> None:
    """Every part at the given sizes."""
    sizes = {name: getattr(given, name) for name in ("profiles", "passages", "embedded", "queries")}
    bench = Bench("search", **sizes)
    if not is_large(given.passages):
        print("The index of words is that of SQLite: tantivy is absent or the size is small", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as name:
        folder = given.home or Path(name)
        folder.mkdir(exist_ok=True, parents=True)
        indexes = {
            part: words_part(bench, part, folder / part, seed, getattr(given, part), given.queries)
            for seed, part in enumerate(("profiles", "passages"))
        }
        people = Texts(0).queries(given.profiles, given.queries)
        finder = people_part(bench, given.profiles, people)
        embedder = find_embedder() if is_installed() else None
        if embedder is None:
            print(f"The dense arm is left out: {NO_EMBEDDER}", file=sys.stderr)
        else:
            dense_part(bench, given, folder, embedder, indexes, finder)
        with bench.part("all"):
            pass
    bench.finish()


def dense_part(
    bench: Bench,
    given: argparse.Namespace,
    folder: Path,
    embedder: Embedder,
    indexes: dict[str, WordIndex[Any]],
    finder: ExpertFinder[int],
) -> None:
    """Embed, draw the vectors, build the graphs in a process that is killed, ask them, and ask everything together."""
    origins, mean = embedded(bench, folder, embedder, given.embedded, given.passages)
    embedder = Centred(embedder, mean)
    stores = {}
    for part in ("profiles", "passages"):
        np.save(folder / part / "origins.npy", origins)
        stores[part] = folder / part / "vectors.sqlite"
    del origins
    total = given.passages
    command = [sys.executable, __file__, "--vectors", str(folder / "passages"), "--total", str(total)]

    def half() -> bool:
        return any((folder / "passages").glob("*.graph"))

    killed_and_built(bench, "passages: graphs", folder / "passages" / "graphs.built", command, half, total)
    bench.add("passages: graphs", mib=_mib(folder / "passages", "vectors*"))
    build_vectors(folder / "profiles", given.profiles)
    held = {part: VectorStore(Known(), path) for part, path in stores.items()}
    glossary = load_glossary()
    near = {}
    for part, store in held.items():
        with bench.part(f"{part}: graphs opened"):
            near[part] = StoredPassages(store)
    for part, seed in (("profiles", 0), ("passages", 1)):
        index = Index(indexes[part], embedder, near[part], glossary=glossary)
        queries = Texts(seed).queries(getattr(given, part), given.queries)
        ask_all(bench, f"{part}: whole query", index, queries, finder if part == "profiles" else None)
        took, most = bench.figures(f"{part}: whole query")["p95_ms"], MOST_MS[part]
        bench.hold(took <= most, f"{part}: p95 of a whole query is {took} ms; the target is {most}")
    queries = Texts(1).queries(total, given.queries)
    asked = embedder.embed([query for query, _ in queries], "query")
    ask_dense(bench, held["passages"], near["passages"], asked, [language for _, language in queries])


def resident() -> dict[str, int]:
    """MiB that this process holds of its own, and of index files that it has mapped, which the system can take back; and what
    both together were at most."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "own_mib": round(int(told["RssAnon"].split()[0]) / 1024),
        "mapped_mib": round(int(told["RssFile"].split()[0]) / 1024),
        "most_mib": round(int(told["VmHWM"].split()[0]) / 1024),
    }


def _mib(folder: Path, pattern: str = "*") -> int:
    return round(sum(each.stat().st_size for each in folder.rglob(pattern) if each.is_file()) / 2**20)


if __name__ == "__main__":
    main()
