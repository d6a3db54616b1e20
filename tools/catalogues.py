"""Keep the translations whole: every text in the source is in every catalogue, translated and compiled.

    ./run python tools/catalogues.py          say what is missing (this is what ./run check does)
    ./run python tools/catalogues.py update   put new texts into each django.po, take unused ones out
    ./run python tools/catalogues.py compile  write each django.mo from its django.po

It needs no GNU gettext: Babel reads the Python files, Django itself turns templates into something that Babel
can read. The .mo files are kept in the repository, so that running from a checkout needs no tools.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "highground"
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")


def as_python(template: str) -> io.BytesIO:
    """A Django template as text that a reader of Python finds the messages in."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    from django.utils.translation.template import templatize

    # The words between the messages are blanked out; without indentation they are valid tokens.
    return io.BytesIO("\n".join(line.strip() for line in templatize(template).splitlines()).encode())


def source_files() -> Iterator[tuple[Path, io.BytesIO]]:
    """Each file of the package that may hold texts, as something to read Python from."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, io.BytesIO(path.read_bytes())
    for path in sorted([*PACKAGE.rglob("templates/**/*.html"), *PACKAGE.rglob("templates/**/*.txt")]):
        yield path, as_python(path.read_text(encoding="utf-8"))


def texts_in_source() -> Catalog:
    """Every text that the source marks for translation."""
    found = Catalog(charset="utf-8")
    for path, content in source_files():
        place = str(path.relative_to(PACKAGE))
        for _line, text, _comments, context in extract("python", content, keywords=KEYWORDS):
            if text:
                found.add(text, locations=[(place, 0)], context=context)
    return found


def catalogues() -> list[Path]:
    """The django.po files."""
    return sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    """One catalogue from its file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def compiled(catalogue: Catalog) -> bytes:
    """The content of the .mo file."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def _forms(text: str | list[str] | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _trouble(message: Message) -> str | None:
    """What is wrong with one translation, or None."""
    ours, theirs = _forms(message.id), _forms(message.string or "")
    if not all(theirs):
        return "is not translated"
    if message.fuzzy:
        return "is only a guess (fuzzy)"
    wanted = set(PLACEHOLDER.findall(ours[-1]))
    for text in theirs:
        if set(PLACEHOLDER.findall(text)) != wanted:
            return f"has other placeholders than {sorted(wanted)}"
    return None


def problems() -> list[str]:
    """What is missing, wrong or out of date, one sentence each."""
    found = []
    source = texts_in_source()
    for path in catalogues():
        where = path.relative_to(ROOT)
        catalogue = read(path)
        for message in source:
            if not message.id:
                continue
            known = catalogue.get(message.id, context=message.context)
            trouble = "is missing" if known is None else _trouble(known)
            if trouble:
                found.append(f"{where}: '{_forms(message.id)[0]}' {trouble}")
        known_ids = {(message.id, message.context) for message in source}
        unused = [m for m in catalogue if m.id and (m.id, m.context) not in known_ids]
        found += [f"{where}: '{_forms(message.id)[0]}' is no longer used" for message in unused]
        binary = path.with_suffix(".mo")
        if not binary.exists() or binary.read_bytes() != compiled(catalogue):
            found.append(
                f"{binary.relative_to(ROOT)}: is not compiled from its .po; run tools/catalogues.py compile"
            )
    return found


def update() -> None:
    """Bring each catalogue's texts in line with the source; translations are kept."""
    source = texts_in_source()
    for path in catalogues():
        catalogue = read(path)
        catalogue.update(source, no_fuzzy_matching=True)
        out = io.BytesIO()
        write_po(out, catalogue, ignore_obsolete=True, include_lineno=False, sort_output=True, width=100)
        path.write_bytes(out.getvalue())
        missing = sum(1 for message in catalogue if message.id and not all(_forms(message.string or "")))
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} texts, {missing} without a translation")


def compile_all() -> None:
    """Write each .mo file."""
    for path in catalogues():
        path.with_suffix(".mo").write_bytes(compiled(read(path)))


def main(arguments: list[str]) -> None:
    """Check, update or compile."""
    if arguments == ["update"]:
        update()
    elif arguments == ["compile"]:
        compile_all()
    elif not arguments:
        found = problems()
        print("\n".join(found) or "every text is translated and compiled")
        sys.exit(1 if found else 0)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
