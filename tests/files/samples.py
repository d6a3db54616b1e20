"""Photos, papers and recordings made for tests: small, whole, and full of what must not be kept."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
from pathlib import Path

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


def photo(form: str = "JPEG", *, turned: bool = False, more: bytes = b"", mark: bytes = MARK) -> bytes:
    """A photo with a place, a camera, an author, a comment and something behind its end."""
    exif = Image.Exif()
    exif[0x013B] = mark.decode()
    exif[0x0110] = "Phone of " + mark.decode()
    exif.get_ifd(0x8825)[29] = mark.decode()
    if turned:
        exif[0x0112] = 6
    options: dict[str, object] = {"exif": exif.tobytes()}
    if form == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Author", mark.decode())  # type: ignore[attr-defined]
    elif form == "WEBP":
        options["xmp"] = mark
    else:
        options |= {"comment": mark, "icc_profile": b"profile of " + mark}
    target = io.BytesIO()
    picture().save(target, form, **options)
    return target.getvalue() + mark + more


def bomb() -> bytes:
    """A PNG of a few hundred bytes that claims to be 60,000 by 60,000 pixels."""
    target = io.BytesIO()
    Image.new("1", (8, 8)).save(target, "PNG")
    data = bytearray(target.getvalue())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    import zlib

    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def paper(
    *, pages: int = 1, script: str = "", attached: bool = False, password: str = "", mark: bytes = MARK
) -> bytes:
    """A PDF with an author, a note by somebody and a photo in it; with a program, an attachment or a password."""
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": mark.decode(), "/Title": mark.decode()})
    if pages:
        xmp = DecodedStreamObject()
        xmp.set_data(b"<x>" + mark + b"</x>")
        writer.root_object[NameObject("/Metadata")] = writer._add_object(xmp)
        page = writer.pages[0]
        page[NameObject("/PieceInfo")] = DictionaryObject(
            {NameObject("/Who"): TextStringObject(mark.decode())}
        )
        note = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Text"),
                NameObject("/Rect"): ArrayObject([NumberObject(one) for one in (0, 0, 9, 9)]),
                NameObject("/Contents"): TextStringObject("the roof leaks"),
                NameObject("/T"): TextStringObject(mark.decode()),
            }
        )
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(note)])
        image = DecodedStreamObject()
        image._data = photo(mark=mark)
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


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def document(
    *, mark: bytes = MARK, relation: tuple[str, str, str] | None = None, parts: dict[str, bytes] | None = None
) -> bytes:
    """A DOCX with an author, comments, tracked changes, an editor's template, and a photo under its maker's name.

    `relation`: one more of the text (type, target, `External` or nothing); `parts`: more of the zip, or others in their place.
    """
    name = mark.decode()
    rows = [
        ("styles", "styles.xml", ""), ("settings", "settings.xml", ""), ("comments", "comments.xml", ""),
        ("header", "header7.xml", ""), ("image", f"media/{name}.jpeg", ""),
        ("hyperlink", f"file:///C:/Users/{name}/", "External"), ("customXml", "../customXml/item1.xml", ""),
    ]  # fmt: skip
    links = _relations(rows + ([relation] if relation else []))
    top = [("officeDocument", "word/document.xml", ""), ("core-properties", "docProps/core.xml", "")]
    body = (Path(__file__).parent / "document.xml").read_text(encoding="utf-8").format(mark=name)
    texts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": _relations(top),
        "docProps/core.xml": f"<p><creator>{name}</creator><lastModifiedBy>{name}</lastModifiedBy></p>",
        "docProps/app.xml": f"<p><Company>{name}</Company><Manager>{name}</Manager></p>",
        "customXml/item1.xml": f"<x>{name}</x>",
        "word/document.xml": body,
        "word/_rels/document.xml.rels": links,
        "word/styles.xml": _part("styles", '<w:style w:styleId="Normal"><w:rsid w:val="00A1"/></w:style>'),
        "word/settings.xml": _part(
            "settings", f'<w:docVars><w:docVar w:name="who" w:val="{name}"/></w:docVars>'
        ),
        "word/_rels/settings.xml.rels": _relations(
            [("attachedTemplate", f"file:///C:/{name}.dotx", "External")]
        ),
        "word/comments.xml": _part("comments", f'<w:comment w:id="0" w:author="{name}"/>'),
        "word/header7.xml": _part("hdr", "<w:p><w:r><w:t>Cows</w:t></w:r></w:p>"),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as made:
        made.comment = mark
        for part, text in (texts | (parts or {})).items():
            made.writestr(part, text)
        made.writestr(f"word/media/{name}.jpeg", photo(mark=mark))
    return target.getvalue()


def _part(root: str, inside: str) -> str:
    return f'<w:{root} xmlns:w="{_WORD}">{inside}</w:{root}>'


def _relations(rows: list[tuple[str, str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_LINKS}/{kind}" Target="{target}"'
        + (f' TargetMode="{mode}"/>' if mode else "/>")
        for number, (kind, target, mode) in enumerate(rows, start=1)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'


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
