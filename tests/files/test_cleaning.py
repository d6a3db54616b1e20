"""What is kept of a photo, a paper or a recording: the content, and nothing of who made it."""

from __future__ import annotations

import io
import struct
import wave

import pytest
from PIL import Image
from pypdf import PdfReader

from highground.files.cleaning import clean
from highground.files.cleaning.images import without_segments
from highground.files.cleaning.ogg import _checksum, _pages
from highground.files.media import (
    BY_TYPE,
    DOCX,
    HEAD,
    JPEG,
    M4A,
    MP3,
    OGG,
    PDF,
    PNG,
    WAV,
    WEBM,
    WEBP,
    Media,
    UploadRefused,
    recognise,
)
from tests.files import samples
from tests.files.samples import MARK

EVERY = {
    "jpeg": (JPEG, samples.photo("JPEG")),
    "png": (PNG, samples.photo("PNG")),
    "webp": (WEBP, samples.photo("WEBP")),
    "pdf": (PDF, samples.paper()),
    "mp3": (MP3, samples.mp3()),
    "wav": (WAV, samples.wav()),
    "m4a": (M4A, samples.m4a()),
    "opus": (OGG, samples.ogg()),
    "vorbis": (OGG, samples.ogg(vorbis=True)),
    "long tags": (OGG, samples.ogg(tags=MARK * 200)),
    "webm": (WEBM, samples.webm()),
}


@pytest.mark.parametrize(("media", "data"), EVERY.values(), ids=EVERY)
def test_nothing_of_the_maker_is_left(media: Media, data: bytes) -> None:
    assert MARK in data
    assert recognise(data[:HEAD]) == media
    kept = clean(data, media)
    assert MARK not in kept and MARK.decode().encode("utf-16-be") not in kept
    assert recognise(kept[:HEAD]) == media
    assert clean(kept, media) == kept or media in (JPEG, WEBP)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_looks_as_it_did_and_stands_upright(form: str) -> None:
    data = samples.photo(form, turned=True)
    with Image.open(io.BytesIO(clean(data, recognise(data)))) as kept:
        assert (kept.size, kept.format) == ((20, 40), form)
        assert (
            not kept.getexif() and not {"exif", "icc_profile", "comment", "xmp", "Author"} & kept.info.keys()
        )
        top, bottom = kept.convert("RGB").getpixel((10, 5)), kept.convert("RGB").getpixel((10, 35))
    # Turned by a quarter, the red left half is on top.
    assert top[0] > 200 and top[1] < 60 and min(bottom) > 200


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_mode_are_kept(mode: str) -> None:
    target = io.BytesIO()
    made = Image.new("I;16", (9, 9), 40_000) if mode == "I;16" else samples.picture().convert(mode)
    made.save(target, "PNG")
    with Image.open(io.BytesIO(clean(target.getvalue(), PNG))) as kept:
        assert kept.mode in ("L", "RGB", "RGBA")
        expected = 156 if mode == "I;16" else made.convert("L").getpixel((0, 0))
        assert abs(kept.convert("L").getpixel((0, 0)) - expected) <= 1


def test_a_cmyk_photo_is_kept() -> None:
    target = io.BytesIO()
    samples.picture().convert("CMYK").save(target, "JPEG")
    with Image.open(io.BytesIO(clean(target.getvalue(), JPEG))) as kept:
        assert kept.mode == "RGB"


def test_only_the_first_frame_of_a_moving_picture_is_kept() -> None:
    target = io.BytesIO()
    samples.picture().save(target, "PNG", save_all=True, append_images=[Image.new("RGB", (40, 20), "blue")])
    with Image.open(io.BytesIO(clean(target.getvalue(), PNG))) as kept:
        assert getattr(kept, "n_frames", 1) == 1


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    assert len(samples.bomb()) < 1_000
    with pytest.raises(UploadRefused, match="more than 50 million pixels"):
        clean(samples.bomb(), PNG)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("part", [0.02, 0.3, 0.6])
def test_what_was_cut_off_is_refused_or_kept_without_its_maker(name: str, part: float) -> None:
    media, data = EVERY[name]
    try:
        kept = clean(data[: max(12, int(len(data) * part))], media)
    except UploadRefused as error:
        assert "damaged" in str(error) or "no pages" in str(error)
    else:
        assert MARK not in kept and media.form == "audio"


@pytest.mark.parametrize("media", BY_TYPE.values(), ids=lambda media: media.ending)
def test_a_file_that_only_begins_like_one_is_refused(media: Media) -> None:
    heads = {media: data[:16] for media, data in EVERY.values()} | {DOCX: samples.document()[:200]}
    with pytest.raises(UploadRefused, match=r"damaged|million pixels"):
        clean(heads[media] + b"MZ\x90\x00" + bytes(range(256)) * 40, media)


def test_pages_and_what_stands_on_them_stay() -> None:
    kept = PdfReader(io.BytesIO(clean(samples.paper(pages=3), PDF)))
    assert len(kept.pages) == 3
    assert kept.pages[0]["/Annots"][0].get_object()["/Contents"] == "the roof leaks"
    assert not kept.metadata and kept.xmp_metadata is None
    image = kept.pages[0]["/Resources"]["/XObject"]["/Im0"].get_object()
    with Image.open(io.BytesIO(image.get_data())) as photo:
        assert photo.size == (40, 20) and not photo.getexif()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (samples.paper(script="app.alert(1)"), "holds a program"),
        (samples.paper(attached=True), "carries other files"),
        (samples.paper(password="secret"), "locked with a password"),
        (samples.paper(pages=0), "no pages"),
        (samples.paper().replace(b"/Subtype /Text", b"/Subtype /Sound"), "carries other files"),
        (samples.paper().replace(b"/Contents", b"/XFA     "), "holds a program"),
    ],
)
def test_papers_that_do_or_carry_something_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(UploadRefused, match=said):
        clean(data, PDF)


def test_a_page_cannot_hide_an_action_behind_a_link() -> None:
    launch = b"/Contents (x) /A << /S /Launch /F (run.exe) >> /Dummy"
    data = samples.paper().replace(b"/Contents", launch)
    with pytest.raises(UploadRefused, match="holds a program"):
        clean(data, PDF)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_the_pixels_of_a_photo_in_a_paper_stay_byte_for_byte(options: dict[str, object]) -> None:
    target = io.BytesIO()
    with Image.open(io.BytesIO(samples.photo())) as photo:
        noted = {"exif": photo.info["exif"], "comment": MARK, "icc_profile": MARK}
        Image.effect_noise((90, 70), 80).save(target, "JPEG", **noted, **options)
    data = target.getvalue() + MARK
    kept = without_segments(data)
    assert MARK not in kept and kept.endswith(b"\xff\xd9") and data.count(kept[-2_000:-2]) == 1
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(kept)) as after:
        assert before.tobytes() == after.tobytes()
    for wrong in (b"", b"\xff\xd8", b"\xff\xd8nothing", data[:200], data[:-800]):
        with pytest.raises(ValueError, match="JPEG"):
            without_segments(wrong)


def test_the_sound_stays_byte_for_byte() -> None:
    assert clean(samples.mp3(), MP3) == samples.FRAME * 3
    with wave.open(io.BytesIO(clean(samples.wav(), WAV))) as kept:
        assert kept.getparams()[:4] == (1, 2, 8_000, 800)
        assert kept.readframes(800) == b"\x01\x02" * 800
    for media, data in ((M4A, samples.m4a()), (OGG, samples.ogg()), (WEBM, samples.webm())):
        kept_data = clean(data, media)
        assert len(kept_data) == len(data) and kept_data.count(b"sound") == data.count(b"sound") > 0


def test_what_stands_between_the_frames_of_an_mp3_is_left_out() -> None:
    data = samples.FRAME * 2 + MARK + samples.FRAME * 3 + b"\xff\xfb" + MARK
    assert clean(data, MP3) == samples.FRAME * 5


def test_a_wav_that_was_cut_off_says_its_true_length() -> None:
    data = samples.wav()[:1_000]
    with wave.open(io.BytesIO(clean(data, WAV))) as kept:
        assert kept.getnframes() == (1_000 - 44) // 2


@pytest.mark.parametrize("vorbis", [False, True])
def test_the_checksums_of_an_ogg_are_right_and_its_comments_empty(vorbis: bool) -> None:
    kept = clean(samples.ogg(vorbis=vorbis, tags=MARK * 200), OGG)
    for page in _pages(kept):
        content = bytearray(kept[page.start : page.end])
        told = struct.unpack("<I", content[22:26])[0]
        content[22:26] = bytes(4)
        assert _checksum(content) == told
    at = kept.index(b"vorbis" if vorbis else b"OpusTags", 60) + (6 if vorbis else 8)
    assert struct.unpack("<I", kept[at : at + 4])[0] == 4
    assert kept[at + 4 : at + 12] == b"test" + bytes(4)
    assert kept[at + 12] == (1 if vorbis else 0)


def test_the_checksum_is_the_one_of_the_standard() -> None:
    # The check value of CRC-32 with this polynomial, no mirror, begun and ended with zero, for "123456789".
    assert _checksum(b"123456789") == 0x89A1897F


def test_tags_of_a_webm_become_empty_elements() -> None:
    kept = clean(samples.webm(), WEBM)
    assert b"\x12\x54\xc3\x67" not in kept and kept.count(b"\xec\x01") == 5


@pytest.mark.parametrize(
    ("media", "data"), [(WEBM, samples.webm(b"V_VP9")), (M4A, samples.m4a(b"vide"))], ids=["webm", "mp4"]
)
def test_a_film_is_refused(media: Media, data: bytes) -> None:
    assert recognise(data) == media
    with pytest.raises(UploadRefused, match="This is a film"):
        clean(data, media)


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02\x01",
        b"#!/bin/sh\n",
        b"PK\x03\x04",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"<html><script>",
        b"RIFF\x00\x00\x00\x00AVI ",
        b"OggS" + bytes(30) + b"\x80theora",
        b"\x00\x00\x00\x18ftypqt  ",
        b"\xff\xf1\x50\x80",
        b"\x1aE\xdf\xa3\x01matroska",
        b" %PDF-1.7",
    ],
)
def test_other_kinds_are_not_recognised(data: bytes) -> None:
    assert recognise(data) is None
