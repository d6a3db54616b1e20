"""Pictures drawn anew from their pixels: no place, no camera, no author, and nothing hidden behind the picture."""

from __future__ import annotations

import io

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from highground.files.media import JPEG, PNG, WEBP, Media, UploadRefused

MOST_PIXELS = 50_000_000
"""A small file can unfold into a picture that fills the memory; no phone of the field makes one this large."""

FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
QUALITY = 85
_PLAIN = {"1": "L", "L": "L", "RGB": "RGB", "CMYK": "RGB", "YCbCr": "RGB"}


def clean_image(data: bytes, media: Media) -> bytes:
    """The picture in its own format, turned upright, without metadata, colour profile or further frames."""
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[media]]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            upright = ImageOps.exif_transpose(picture)
            if upright.mode.startswith("I"):  # 16 bits of grey, as scanners write them
                upright = upright.convert("I").point([value >> 8 for value in range(2**16)], "L")
            mode = _PLAIN.get(upright.mode, "RGBA")
            if media == JPEG and mode == "RGBA":
                mode = "RGB"
            # Only pixels go over: what else a picture carries hangs on the object that was opened.
            fresh = Image.new(mode, upright.size)
            fresh.paste(upright.convert(mode))
    except Image.DecompressionBombError as error:
        most = {"most": MOST_PIXELS // 1_000_000}
        raise UploadRefused(
            _("This picture has more than %(most)s million pixels. Choose a smaller one.") % most
        ) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UploadRefused(_("This picture is damaged. Take it again, or choose another one.")) from error
    target = io.BytesIO()
    fresh.save(target, FORMATS[media], **({} if media == PNG else {"quality": QUALITY}))
    return target.getvalue()


def without_segments(jpeg: bytes) -> bytes:
    """A JPEG without what its writers noted (Exif, XMP, profiles, comments) or hid behind it, its pixels byte for byte.

    Kept of the notes are the two that say how to read the colours (JFIF, Adobe). Raises ValueError for what is
    no whole JPEG.
    """
    if jpeg[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    kept, at = bytearray(b"\xff\xd8"), 2
    while at + 2 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise ValueError("no JPEG marker")
        marker = jpeg[at + 1]
        if marker == 0xFF:  # a filling byte
            at += 1
            continue
        if marker == 0xD9:
            return bytes(kept) + b"\xff\xd9"
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == 0xDA:
            end = _end_of_scan(jpeg, end)
        if marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept += jpeg[at:end]
        at = end
    raise ValueError("a JPEG without an end")


def _end_of_scan(jpeg: bytes, at: int) -> int:
    """Where the next marker stands after the pixels that begin at `at`; FF 00 and FF D0 to D7 are part of them."""
    while (at := jpeg.find(b"\xff", at)) != -1 and at + 1 < len(jpeg):
        if jpeg[at + 1] != 0 and not 0xD0 <= jpeg[at + 1] <= 0xD7:
            return at
        at += 2
    raise ValueError("a JPEG without an end")
