"""ODK Collect, as far as a server sees it: a scripted client of the OpenRosa addresses."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from django.core.files.uploadedfile import SimpleUploadedFile

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
HEADERS = {"X-OpenRosa-Version": "1.0"}


@dataclass
class Collect:
    """ODK Collect, as far as a server sees it."""

    client: Any
    server: str

    def get(self, address: str):
        answer = self.client.get(address, headers=HEADERS)
        assert answer.headers["X-OpenRosa-Version"] == "1.0" and answer.headers["Date"]
        return answer

    def forms(self) -> dict[str, dict[str, str]]:
        root = ET.fromstring(self.get(f"{self.server}/formList").content)
        rows = [{one.tag.removeprefix(LIST): one.text or "" for one in row} for row in root]
        return {row["formID"]: row for row in rows}

    def files(self, form_id: str) -> dict[str, dict[str, str]]:
        root = ET.fromstring(self.get(self.forms()[form_id]["manifestUrl"]).content)
        found = {}
        for one in root:
            row = {part.tag.removeprefix(MANIFEST): part.text or "" for part in one}
            found[row["filename"]] = {**row, "type": one.get("type", "")}
        return found

    def table(self, form_id: str, name: str) -> dict[str, dict[str, str]]:
        content = self.get(self.files(form_id)[name]["downloadUrl"]).content
        return {row["name"]: row for row in csv.DictReader(io.StringIO(content.decode()))}

    def send(self, xml: str, **files: bytes):
        sent = {"xml_submission_file": SimpleUploadedFile("form.xml", xml.encode(), "text/xml")}
        sent |= {name: SimpleUploadedFile(name, content) for name, content in files.items()}
        return self.client.post(f"{self.server}/submission", sent, headers=HEADERS)


def said(answer) -> str:
    """The text that Collect shows."""
    return ET.fromstring(answer.content)[0].text or ""
