"""Photos, papers and recordings made for tests: small, whole, and full of what must not be kept."""

from __future__ import annotations

import io
import struct
import wave

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from highground.files.cleaning.ogg import _checksum

MARK = b"Wei-Lan-was-here"
"""What must be gone from whatever is kept."""


def picture(size: tuple[int, int] = (40, 20)) -> Image.Image:
    """A picture whose left half is red."""
    made = Image.new("RGB", size, "white")
    made.paste("red", (0, 0, size[0] // 2, size[1]))
    return made


def photo(form: str = "JPEG", *, turned: bool = False, more: bytes = b"") -> bytes:
    """A photo with a place, a camera, an author, a comment and something behind its end."""
    exif = Image.Exif()
    exif[0x013B] = MARK.decode()
    exif[0x0110] = "Phone of " + MARK.decode()
    exif.get_ifd(0x8825)[29] = MARK.decode()
    if turned:
        exif[0x0112] = 6
    options: dict[str, object] = {"exif": exif.tobytes()}
    if form == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Author", MARK.decode())  # type: ignore[attr-defined]
    elif form == "WEBP":
        options["xmp"] = MARK
    else:
        options |= {"comment": MARK, "icc_profile": b"profile of " + MARK}
    target = io.BytesIO()
    picture().save(target, form, **options)
    return target.getvalue() + MARK + more


def bomb() -> bytes:
    """A PNG of a few hundred bytes that claims to be 60,000 by 60,000 pixels."""
    target = io.BytesIO()
    Image.new("1", (8, 8)).save(target, "PNG")
    data = bytearray(target.getvalue())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    import zlib

    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def paper(*, pages: int = 1, script: str = "", attached: bool = False, password: str = "") -> bytes:
    """A PDF with an author, a note by somebody and a photo in it; with a program, an attachment or a password."""
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": MARK.decode(), "/Title": MARK.decode()})
    if pages:
        xmp = DecodedStreamObject()
        xmp.set_data(b"<x>" + MARK + b"</x>")
        writer.root_object[NameObject("/Metadata")] = writer._add_object(xmp)
        page = writer.pages[0]
        page[NameObject("/PieceInfo")] = DictionaryObject(
            {NameObject("/Who"): TextStringObject(MARK.decode())}
        )
        note = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Text"),
                NameObject("/Rect"): ArrayObject([NumberObject(one) for one in (0, 0, 9, 9)]),
                NameObject("/Contents"): TextStringObject("the roof leaks"),
                NameObject("/T"): TextStringObject(MARK.decode()),
            }
        )
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(note)])
        image = DecodedStreamObject()
        image._data = photo()
        image.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Image"),
                NameObject("/Width"): NumberObject(40),
                NameObject("/Height"): NumberObject(20),
                NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
                NameObject("/BitsPerComponent"): NumberObject(8),
                NameObject("/Filter"): NameObject("/DCTDecode"),
            }
        )
        page[NameObject("/Resources")] = DictionaryObject(
            {
                NameObject("/XObject"): DictionaryObject(
                    {NameObject("/Im0"): writer._add_object(image)},
                )
            }
        )
    if script:
        action = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject(script)}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
            {NameObject(name): value for name, value in action.items()}
        )
    if attached:
        writer.add_attachment("list.txt", b"names")
    if password:
        writer.encrypt(password)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


FRAME = b"\xff\xfb\x90\x00" + bytes(413)
"""One frame of MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes."""


def mp3() -> bytes:
    """Three frames between an ID3v2 tag and an APE and an ID3v1 tag."""
    text = b"TPE1" + struct.pack(">I", len(MARK) + 1) + b"\x00\x00\x00" + MARK
    ape_item = struct.pack("<II", len(MARK), 0) + b"Artist\x00" + MARK
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, len(ape_item) + 32, 1, 0) + bytes(8)
    id3v1 = b"TAG" + MARK.ljust(125, b"\x00")
    return b"ID3\x03\x00\x00" + bytes([0, 0, 0, len(text)]) + text + FRAME * 3 + ape_item + ape + id3v1


def wav() -> bytes:
    """A tenth of a second of silence, with a list of who recorded it."""
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\x01\x02" * 800)
    notes = b"INFOIART" + struct.pack("<I", len(MARK)) + MARK
    data = target.getvalue() + b"LIST" + struct.pack("<I", len(notes)) + notes
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def box(name: bytes, content: bytes) -> bytes:
    """A box of an MP4."""
    return struct.pack(">I", 8 + len(content)) + name + content


def m4a(handler: bytes = b"soun") -> bytes:
    """An MP4 with one track and tags in three places."""
    hdlr = box(b"hdlr", bytes(8) + handler + bytes(12))
    track = box(b"trak", box(b"mdia", hdlr) + box(b"udta", MARK))
    tags = box(b"udta", box(b"meta", MARK) + box(b"\xa9xyz", b"+22.8-108.3" + MARK))
    moov = box(b"moov", box(b"mvhd", bytes(20)) + track + tags)
    return box(b"ftyp", b"M4A \x00\x00\x00\x00") + moov + box(b"mdat", b"sound") + box(b"uuid", MARK)


def ogg_page(content: bytes, number: int, flags: int = 0) -> bytes:
    """A page that holds one whole packet."""
    segments = bytes([255] * (len(content) // 255) + [len(content) % 255])
    page = b"OggS\x00" + bytes([flags]) + bytes(8) + b"ABCD" + struct.pack("<I", number) + bytes(4)
    page += bytes([len(segments)]) + segments + content
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def ogg(*, vorbis: bool = False, tags: bytes = MARK) -> bytes:
    """An Ogg with a head, comments and sound."""
    head, name = (b"\x01vorbis", b"\x03vorbis") if vorbis else (b"OpusHead", b"OpusTags")
    comment = b"ARTIST=" + tags
    comments = name + struct.pack("<I", 4) + b"test" + struct.pack("<II", 1, len(comment)) + comment
    comments += b"\x01" * vorbis
    return (
        ogg_page(head + bytes(11), 0, 2)
        + ogg_page(comments, 1)
        + ogg_page(b"sound" * 40, 2)
        + ogg_page(b"end", 3, 4)
    )


def element(name: str, content: bytes, *, unknown: bool = False) -> bytes:
    """An element of a WebM."""
    size = b"\x01" + b"\xff" * 7 if unknown else struct.pack(">Q", 1 << 56 | len(content))
    return bytes.fromhex(name) + size + content


def webm(codec: bytes = b"A_OPUS") -> bytes:
    """A WebM as a browser records it, with tags before and after the sound."""
    head = element("1a45dfa3", element("4282", b"webm"))
    info = element("1549a966", element("7ba9", MARK) + element("4461", bytes(8)) + element("4d80", b"muxer"))
    tracks = element("1654ae6b", element("ae", element("536e", MARK) + element("86", codec)))
    cluster = element("1f43b675", element("e7", b"\x00") + element("a3", b"sound"), unknown=True)
    tags = element("1254c367", MARK)
    return head + element("18538067", tags + info + tracks + cluster + tags, unknown=True)
