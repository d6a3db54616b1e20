"""Answers as the OpenRosa standard wants them: its headers on every one, XML in the body, words for the person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as ET

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import http_date

from highground.field.instance import MOST_BYTES

RESPONSE = "http://openrosa.org/http/response"
FORM_LIST = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"


def with_headers(response: HttpResponse) -> HttpResponse:
    """The response with the headers of OpenRosa 1.0. A client sends its files in portions of the length accepted."""
    response["X-OpenRosa-Version"] = "1.0"
    response["X-OpenRosa-Accept-Content-Length"] = str(max(settings.UPLOAD_LIMITS.values()) + MOST_BYTES)
    response["Date"] = http_date()
    return response


def message(text: str, status: int, *, nature: str = "") -> HttpResponse:
    """An answer whose text the client shows. `nature` as the standard names it: submit_success, submit_error."""
    root = ET.Element("OpenRosaResponse", xmlns=RESPONSE)
    ET.SubElement(root, "message", {"nature": nature} if nature else {}).text = text
    return xml(root, status=status)


def xml(root: ET.Element, *, status: int = 200) -> HttpResponse:
    """An answer with this document in it."""
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return with_headers(HttpResponse(content, status=status, content_type="text/xml; charset=utf-8"))


def form_list(forms: Iterable[Any], address: Any) -> ET.Element:
    """The list of forms; `address(form, what)` is where a form ("form") and its files ("manifest") are fetched."""
    root = ET.Element("xforms", xmlns=FORM_LIST)
    for one in forms:
        row = ET.SubElement(root, "xform")
        for name, value in (
            ("formID", one.form_id),
            ("name", one.title),
            ("version", one.version),
            ("hash", one.hash),
            ("downloadUrl", address(one, "form")),
            ("manifestUrl", address(one, "manifest")),
        ):
            ET.SubElement(row, name).text = value
    return root


def manifest(files: Iterable[Any], address: Any) -> ET.Element:
    """The files of a form; `address(file, what)` is where one is fetched ("file") and checked ("integrity")."""
    root = ET.Element("manifest", xmlns=MANIFEST)
    for one in files:
        row = ET.SubElement(root, "mediaFile", {"type": "entityList"} if one.is_entities else {})
        ET.SubElement(row, "filename").text = f"{one.name}.csv"
        ET.SubElement(row, "hash").text = one.hash
        ET.SubElement(row, "downloadUrl").text = address(one, "file")
        if one.is_entities:
            ET.SubElement(row, "integrityUrl").text = address(one, "integrity")
    return root


def integrity(states: Iterable[tuple[str, bool]]) -> ET.Element:
    """Which rows of an entity list are gone."""
    root = ET.Element("data")
    entities = ET.SubElement(root, "entities")
    for key, is_gone in states:
        entity = ET.SubElement(entities, "entity", id=key)
        ET.SubElement(entity, "deleted").text = "true" if is_gone else "false"
    return root
