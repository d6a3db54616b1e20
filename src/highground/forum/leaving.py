"""The public pages of all forums as a folder of files: it works from a USB stick, without a server and a network.

Links between the pages become relative; links to what only a server does (registering, the call) lose their address. What a
page needs (styles, fonts) is copied beside it. Nothing but what everybody may read is ever written.
"""

from __future__ import annotations

import os.path
import re
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.urls import resolve, reverse

from highground.forum.models import Forum

PAGES = ("forum", "programme", "commitments", "proceedings")
FILES = ("calendar", "frab", "json_ld")
_ADDRESS = re.compile(r"""(href|src)="(/[^"#?]*)([#?][^"]*)?\"""")
_INSIDE = re.compile(r"""url\(["']?([^"')]+)["']?\)""")


def write_site(folder: Path) -> int:
    """Write the pages into `folder`, which must be new or empty; how many files. `index.html` is the list of forums."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; choose a new folder")
    pages = {reverse("forum:forums"): "index.html"}
    for forum in Forum.objects.order_by("code"):
        pages |= {reverse(f"forum:{name}", args=[forum.code]): f"{forum.code}/{name}.html" for name in PAGES}
        if forum.releases.exists():
            names = ("programme.ics", "schedule.json", "event.jsonld")
            files = zip(FILES, names, strict=True)
            pages |= {
                reverse(f"forum:{view}", args=[forum.code]): f"{forum.code}/{name}" for view, name in files
            }
    wanted: set[str] = set()
    for address, name in pages.items():
        content = _read(address)
        if name.endswith(".html"):
            content = _away(content.decode(), name, pages, wanted).encode()
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return len(pages) + sum(_copy(name, folder) for name in sorted(wanted))


def _read(address: str) -> bytes:
    """A page as somebody without an account gets it."""
    request = HttpRequest()
    request.method, request.path = "GET", address
    host = next((one for one in settings.ALLOWED_HOSTS if not one.startswith((".", "*", "["))), "localhost")
    request.META = {"SERVER_NAME": host, "SERVER_PORT": "80"}
    found = resolve(address)
    request.resolver_match = found
    response = found.func(request, *found.args, **found.kwargs)
    assert response.status_code == 200, address
    return bytes(response.content)


def _away(text: str, name: str, pages: dict[str, str], wanted: set[str]) -> str:
    """A page whose addresses lead to files beside it."""
    static, here = f"/{settings.STATIC_URL.lstrip('/')}", str(Path(name).parent)

    def turned(found: re.Match[str]) -> str:
        kind, address, rest = found[1], found[2], found[3] or ""
        if address in pages:
            return f'{kind}="{os.path.relpath(pages[address], here)}{rest}"'
        if address.startswith(static):
            file = address.removeprefix(static)
            wanted.add(file)
            return f'{kind}="{os.path.relpath(f"static/{file}", here)}"'
        return f'{kind}="#"'

    text = re.sub(r"<form\b.*?</form>", "", text, flags=re.DOTALL)
    text = re.sub(r'href="\?[^"]*"', 'href="#"', text)
    return _ADDRESS.sub(turned, text)


def _copy(name: str, folder: Path) -> int:
    """A static file with what it names itself (fonts of a style sheet); how many files."""
    source, target = finders.find(name), folder / "static" / name
    if source is None or target.exists():
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(str(source), target)
    if not name.endswith(".css"):
        return 1
    named = _INSIDE.findall(target.read_text(encoding="utf-8"))
    inside = {
        os.path.normpath(f"{Path(name).parent}/{one}") for one in named if not one.startswith(("data:", "#"))
    }
    return 1 + sum(_copy(one, folder) for one in sorted(inside))
