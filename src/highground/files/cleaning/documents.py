"""A text document (DOCX) written anew from its paragraphs, tables and pictures: no author, no comments, no traces of changes.

A DOCX is a zip of XML parts that name each other in files of relationships (ECMA-376, parts 1 and 2). Only parts of known kinds
go over, under names of our own, and in them only elements of known vocabularies. Changes that were tracked are accepted, so that
what was struck out is gone; pictures are drawn anew. Properties, comments, settings, editors, custom data and fonts stay behind.
What runs, carries other files or leads to files elsewhere is refused: a link to a picture would tell its maker who opens it.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from highground.files.cleaning.images import clean_image
from highground.files.media import HEAD, UploadRefused, recognise

MOST_PARTS, MOST_BYTES = 2_000, 100_000_000
"""A small file can unfold into one that fills the memory."""

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = f"{_OFFICE}/relationships"
_WP, _PIC = f"{_DRAWING}/wordprocessingDrawing", f"{_DRAWING}/picture"
_VML, _O = "urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:office"
_SPACES = {
    W: "w",
    R: "r",
    _WP: "wp",
    _PIC: "pic",
    f"{_DRAWING}/main": "a",
    f"{_OFFICE}/math": "m",
    _VML: "v",
    _O: "o",
    "urn:schemas-microsoft-com:office:word": "w10",
}
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
for _space, _prefix in _SPACES.items():
    ElementTree.register_namespace(_prefix, _space)

_KINDS = {"styles", "numbering", "header", "footer", "footnotes", "endnotes", "theme"}
_LEFT = {
    "settings", "webSettings", "fontTable", "comments", "commentsExtended", "commentsIds", "commentsExtensible", "people",
    "customXml", "glossaryDocument", "stylesWithEffects", "printerSettings",
}  # fmt: skip
_PROGRAMS = {"vbaProject", "wordVbaData", "control", "activeXControlBinary", "keyMapCustomizations"}
_GONE = {
    "del", "moveFrom", "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd", "commentRangeStart",
    "commentRangeEnd", "commentReference", "annotationRef", "proofErr", "permStart", "permEnd", "rsid", "rsids", "dataBinding",
    "cellIns", "cellDel", "cellMerge", "numberingChange", "tblGridChange", "smartTagPr", "customXmlPr",
}  # fmt: skip
_OPENED = {"ins", "moveTo", "smartTag", "customXml"}
_SIGNS = {"author", "initials", "date", "userId", "providerId", "ed", "edGrp"}
_NO_TEXT = gettext_lazy("This is no text document (DOCX). Save it as PDF, and choose that.")
_PATH = re.compile(r"[\\/]|\.\w{2,5}$")
_REACHED = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def clean_docx(data: bytes) -> bytes:
    """The document in a new file. Raises UploadRefused when it is damaged, runs programs or carries or fetches other files."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            parts = source.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_BYTES:
                raise UploadRefused(_("This document has too many parts. Save it as PDF, and choose that."))
            return _Copy(source).written()
    except UploadRefused:
        raise
    # A damaged file fails wherever the reader happens to be; a locked member raises RuntimeError.
    except (
        zipfile.BadZipFile,
        zlib.error,
        DefusedXmlException,
        ElementTree.ParseError,
        OSError,
        EOFError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise UploadRefused(_("This document is damaged. Save it as PDF, and choose that.")) from error


class _Copy:
    """One document on its way from the old file to the new one. `names` leads from old parts to new ones."""

    def __init__(self, source: zipfile.ZipFile) -> None:
        self.source = source
        self.names: dict[str, str] = {}
        self.parts: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    def written(self) -> bytes:
        """The whole file."""
        main = [one for one in self._relations("") if _kind(one) == "officeDocument"]
        if len(main) != 1:
            raise UploadRefused(_NO_TEXT)
        self._take_text(_target("", main[0]), "document")
        rows = [("rId1", f"{R}/officeDocument", "word/document.xml", False)]
        self.parts["_rels/.rels"] = _relations_file(rows)
        self.parts["[Content_Types].xml"] = self._types_file()
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
            for name in sorted(self.parts):
                made.writestr(_entry(name), self.parts[name])
        return target.getvalue()

    def _relations(self, part: str) -> list[Element]:
        folder, name = posixpath.split(part)
        file = posixpath.join(folder, "_rels", f"{name}.rels")
        if file not in self.source.namelist():
            return []
        return list(fromstring(self.source.read(file), forbid_dtd=True))

    def _take_text(self, part: str, kind: str) -> str:
        """A part of text with all that it names; its new name. Each part goes over once."""
        if part in self.names:
            return self.names[part]
        self.counts[kind] = self.counts.get(kind, 0) + 1
        number = "" if kind == "document" else self.counts[kind]
        new = self.names[part] = f"word/{kind}{number}.xml"
        root = fromstring(self.source.read(part), forbid_dtd=True)
        if kind == "document" and root.tag != f"{{{W}}}document":
            raise UploadRefused(_NO_TEXT)
        rows = [row for one in self._relations(part) if (row := self._relation(part, one))]
        if rows:
            folder, name = posixpath.split(new)
            self.parts[f"{folder}/_rels/{name}.rels"] = _relations_file(rows)
        (kept,) = _kept(root)
        self.parts[new] = _written(kept)
        main = "wordprocessingml.document.main" if kind == "document" else f"wordprocessingml.{kind}"
        name = "theme" if kind == "theme" else main
        self.types[new] = f"application/vnd.openxmlformats-officedocument.{name}+xml"
        return new

    def _relation(self, part: str, one: Element) -> tuple[str, str, str, bool] | None:
        """What a part names: id, type, new target, and whether it lies outside. None for what stays behind."""
        kind, outside = _kind(one), one.get("TargetMode") == "External"
        if kind in _LEFT:
            return None
        if kind == "hyperlink":
            address = one.attrib["Target"]
            reached = address if not outside or _REACHED.match(address) else "about:blank"
            return one.attrib["Id"], f"{R}/hyperlink", reached, outside
        if kind in _PROGRAMS:
            raise UploadRefused(_("This document holds a program. Save it as PDF, and choose that."))
        if outside or kind not in {*_KINDS, "image"}:
            raise UploadRefused(
                _(
                    "This document carries other files, or leads to some (%(kind)s). Save it as PDF, and choose that."
                )
                % {"kind": kind[:40]}
            )
        old = _target(part, one)
        new = self._take_picture(old) if kind == "image" else self._take_text(old, kind)
        return one.attrib["Id"], f"{R}/{kind}", f"/{new}", False

    def _take_picture(self, part: str) -> str:
        if part not in self.names:
            content = self.source.read(part)
            media = recognise(content[:HEAD])
            if media is None or media.form != "image":
                raise UploadRefused(
                    _(
                        "This document holds a picture that is no JPEG, PNG or WebP. Save it as PDF, and choose that."
                    )
                )
            number = self.counts["picture"] = self.counts.get("picture", 0) + 1
            self.names[part] = f"word/media/picture{number}.{media.ending}"
            self.parts[self.names[part]] = clean_image(content, media)
        return self.names[part]

    def _types_file(self) -> bytes:
        root = Element("Types", {"xmlns": _TYPES})
        media = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
        for ending, kind in {
            "rels": "application/vnd.openxmlformats-package.relationships+xml",
            "xml": "application/xml",
            **media,
        }.items():
            ElementTree.SubElement(root, "Default", {"Extension": ending, "ContentType": kind})
        for name, kind in sorted(self.types.items()):
            ElementTree.SubElement(root, "Override", {"PartName": f"/{name}", "ContentType": kind})
        return _written(root)


def words_of_docx(data: bytes) -> Iterator[str]:
    """Everything in a document that can be read as words: texts, and values of attributes."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        for name in source.namelist():
            if name.endswith((".xml", ".rels")):
                root = fromstring(source.read(name), forbid_dtd=True)
                # A word may be cut into runs: a paragraph is read as one text.
                yield "".join(f"{one.text or ''}{_gap(one)}" for one in root.iter())
                for one in root.iter():
                    yield from one.attrib.values()


def _gap(one: Element) -> str:
    return "\n" if one.tag in (f"{{{W}}}p", f"{{{W}}}br", f"{{{W}}}tab") else ""


def _kind(relation: Element) -> str:
    return relation.attrib["Type"].rsplit("/", 1)[-1]


def _target(part: str, relation: Element) -> str:
    """The name in the zip of what a relationship of `part` leads to."""
    joined = posixpath.join("/", posixpath.dirname(part), relation.attrib["Target"])
    return posixpath.normpath(joined).lstrip("/")


def _relations_file(rows: list[tuple[str, str, str, bool]]) -> bytes:
    root = Element("Relationships", {"xmlns": _RELATIONS})
    for id_, kind, target, outside in rows:
        given = {"Id": id_, "Type": kind, "Target": target}
        ElementTree.SubElement(root, "Relationship", given | ({"TargetMode": "External"} if outside else {}))
    return _written(root)


def _written(root: Element) -> bytes:
    made: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made


def _entry(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def _parted(name: str) -> tuple[str, str]:
    """The namespace of a name and the name in it."""
    space, _brace, local = name.rpartition("}")
    return space.removeprefix("{"), local


def _kept(element: Element) -> list[Element]:
    """What stands in the place of an element: nothing, the element without what its writers noted, or what is inside it."""
    if element.tag == f"{_MC}AlternateContent":
        fallback = element.find(f"{_MC}Fallback")
        return [] if fallback is None else [one for child in fallback for one in _kept(child)]
    space, name = _parted(element.tag)
    gone = name in _GONE or name.endswith("PrChange") or re.fullmatch(r"customXml\w+Range(Start|End)", name)
    if space not in _SPACES or (space == W and gone) or name == "extLst":
        return []
    if name == "tr" and element.find(f"{{{W}}}trPr/{{{W}}}del") is not None:
        return []
    inside = [one for child in element for one in _kept(child)]
    if space == W and name in _OPENED:
        return inside
    element[:] = inside
    if name == "drawing" and element.find(f".//{{{_PIC}}}pic") is None:
        return []
    _unsign(element, space, name)
    return [element]


def _unsign(element: Element, space: str, name: str) -> None:
    """Take out of an element who wrote it and what a file was called."""
    for key, value in list(element.attrib.items()):
        where, what = _parted(key)
        foreign = where not in ("", *_SPACES, "http://www.w3.org/XML/1998/namespace")
        signed = where == W and (what in _SIGNS or what.startswith("rsid"))
        drawn = space in (_VML, _O) and what in ("title", "alt", "gfxdata", "href")
        if foreign or signed or drawn or (what == "descr" and _PATH.search(value)):
            del element.attrib[key]
    if name in ("docPr", "cNvPr"):
        element.attrib["name"] = "Picture"
        element.attrib.pop("title", None)
