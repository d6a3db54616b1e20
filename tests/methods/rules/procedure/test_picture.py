"""The picture of a procedure: every step once, nothing over anything else, and the words fit their boxes."""

import itertools
import xml.etree.ElementTree as ET

import pytest

from highground.methods.rules import list_rulebooks
from highground.methods.rules.procedure.graph import Phase
from highground.methods.rules.procedure.picture import PAD, TEXT, TITLE, broken, draw, text_width
from highground.methods.rules.procedure.svg import band_svg, bands_svg
from highground.methods.rules.procedure.words import Words
from highground.methods.rules.reading import procedure_of, read_rulebook, shipped

BOOKS = [book for book in list_rulebooks() if book.procedure]
DRAWN = [
    pytest.param(procedure_of(book, packs), language, id=f"{book.id}-{language}-{'-'.join(packs)}")
    for book in BOOKS
    for language in ("en", "zh")
    for packs in ([], *([name] for name in book.procedure.available))
]


def segments(arrow):
    return list(itertools.pairwise(arrow.points))


def crosses(segment, box) -> bool:
    """Whether a straight piece of an arrow runs through the inside of a box."""
    (a, b), (c, d) = segment
    left, right, top, bottom = min(a, c), max(a, c), min(b, d), max(b, d)
    return (
        left < box.x + box.width - 0.5
        and right > box.x + 0.5
        and top < box.y + box.height - 0.5
        and bottom > box.y + 0.5
    )


@pytest.mark.parametrize(("procedure", "language"), DRAWN)
def test_every_step_stands_once_and_nothing_lies_over_anything(procedure, language) -> None:
    bands = draw(Words(procedure, language))
    assert sorted(box.step for band in bands for box in band.boxes) == sorted(procedure.steps)
    for band in bands:
        for one, other in itertools.combinations(band.boxes, 2):
            apart = (
                one.x + one.width <= other.x
                or other.x + other.width <= one.x
                or one.y + one.height <= other.y
                or other.y + other.height <= one.y
            )
            assert apart, (one.step, other.step)
        for box in band.boxes:
            assert box.x >= 0 and box.x + box.width <= band.width and box.y + box.height <= band.height
            for line in box.lines:
                size = TITLE if line.kind == "title" else TEXT
                wide = text_width(line.text, size, bold=line.kind == "title")
                assert box.y < line.y < box.y + box.height
                assert wide <= box.width - 2 * PAD + 0.5 or " " not in line.text, (box.step, line.text)
            for arrow in band.arrows:
                assert not any(crosses(piece, box) for piece in segments(arrow)), (box.step, arrow)


@pytest.mark.parametrize(("procedure", "language"), DRAWN)
def test_what_a_step_requires_stands_above_it(procedure, language) -> None:
    for band in draw(Words(procedure, language)):
        boxes = {box.step: box for box in band.boxes}
        for name, box in boxes.items():
            for before in procedure.steps[name].requires:
                if before in boxes:
                    assert boxes[before].y + boxes[before].height < box.y


def test_parallel_steps_stand_beside_each_other() -> None:
    procedure = procedure_of(next(book for book in BOOKS if book.id == "cn-2021"))
    boxes = {box.step: box for band in draw(Words(procedure)) for box in band.boxes}
    compare = boxes["compare"]
    for name in procedure.steps["compare"].parallel:
        beside = boxes[name]
        assert beside.x + beside.width < compare.x
        assert compare.y <= beside.y
        assert beside.y + beside.height <= compare.y + compare.height


def test_a_step_taken_only_sometimes_stands_aside_of_the_way() -> None:
    procedure = procedure_of(next(book for book in BOOKS if book.id == "cn-2021"))
    (exit_band,) = [band for band in draw(Words(procedure)) if band.phase == Phase.EXIT]
    boxes = {box.step: box for box in exit_band.boxes}
    assert boxes["answer_family"].x > boxes["family"].x
    # The way past it and the two ways over it.
    assert [arrow.some for arrow in exit_band.arrows].count(True) == 2


def test_the_deadline_that_a_pack_changes_is_drawn() -> None:
    book = next(book for book in BOOKS if book.id == "cn-2021")

    def text(packs: list[str]) -> str:
        bands = draw(Words(procedure_of(book, packs)))
        return " ".join(line.text for band in bands for box in band.boxes for line in box.lines)

    assert "within 15 days of discovery" in text(["qinan"])
    assert "within 20 working days of discovery" in text(["anhui"])
    assert "hangs for at least 7 days" in text(["pingjiang"])


def test_four_steps_beside_each_other_and_a_way_around_are_drawn_without_crossing() -> None:
    content = shipped()["cn-2021"]
    procedure = book_with(content, wide=4).procedure
    band = next(band for band in draw(Words(procedure)) if band.phase == Phase.SUPPORT)
    for box in band.boxes:
        for arrow in band.arrows:
            assert not any(crosses(piece, box) for piece in segments(arrow)), (box.step, arrow)


def book_with(path, *, wide: int):
    """cn-2021 with so many more steps beside the follow-up, and one that waits for all of them."""
    import yaml

    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    made = [
        {"id": f"side{number}", "label": {"en": f"side {number}", "zh": f"旁{number}"}, "phase": "support",
         "through": "delivery", "requires": ["plan"], "roles": ["county_officer"], "outcomes": [{"id": "done"}]}
        for number in range(wide)
    ]  # fmt: skip
    last = {"id": "end", "phase": "support", "through": "delivery", "requires": ["deliver", *(one["id"] for one in made)],
            "roles": ["county_officer"], "outcomes": [{"id": "done"}]}  # fmt: skip
    content["procedure"]["steps"] += [*made, last]
    return read_rulebook(content, origin="wide.yaml")


def test_the_svg_is_whole_escaped_and_without_style() -> None:
    procedure = BOOKS[0].procedure
    bands = draw(Words(procedure, roles={"county_officer": "a <b> & c"}))
    for svg in (band_svg(bands[0], 'the "first" <band>'), bands_svg(bands, "all")):
        root = ET.fromstring(svg)
        assert not [
            one for one in root.iter() if "style" in one.attrib or one.tag.endswith(("style", "script"))
        ]
        assert "a <b> & c" in "".join(root.itertext())


def test_chinese_breaks_between_signs_but_never_before_a_closing_mark() -> None:
    lines = broken("办理过入户核实、民主评议的人不得办理，须另派人。", 60, 12)
    assert "".join(lines) == "办理过入户核实、民主评议的人不得办理，须另派人。"
    assert len(lines) > 3
    assert not [line for line in lines if line[0] in "，、。"]
    lines = broken("“农户意见”后五天内（未核实）", 50, 12)
    assert "".join(lines) == "“农户意见”后五天内（未核实）"
    assert not [line for line in lines if line[-1] in "“（" or line[0] in "”）"]
