"""Fetch and build the third-party files that pages need, and write their manifest.

    python tools/vendor/build.py

Run by a developer who changes a version; needs npm. The results are committed under
`src/highground/web/static/vendor/` (pages) and `tests/vendor/` (tests), so that neither running nor
testing Highground needs Node. `tests/web/test_vendor.py` compares the files with the manifests.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "src/highground/web/static/vendor"
TESTS = ROOT / "tests/vendor"
SASS = "1.108.2"
GOVUK = "6.6.0"
HTMX = "2.0.11"
AXE = "4.14.1"
NOTO = "5.3.0"
SCRIPTS = {
    "noto-sans": ["latin", "vietnamese"],
    "noto-sans-thai": ["thai"],
    "noto-sans-lao": ["lao"],
    "noto-sans-khmer": ["khmer"],
    "noto-sans-myanmar": ["myanmar"],
    "noto-sans-tamil": ["tamil"],
}
WEIGHTS = [400, 700]


def fetch(package: str, version: str, into: Path) -> Path:
    """Download one npm package and unpack it; returns its folder."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", f"{package}@{version}"],
        cwd=into,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    folder = into / packed.removesuffix(".tgz")
    with tarfile.open(into / packed) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


class Shelf:
    """One folder of vendored files with its manifest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: list[dict[str, str]] = []
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def put(self, source: Path, name: str, version: str, licence: str, file: str, note: str = "") -> None:
        """Copy a file to `<name>-<version>/<file>` and note where it came from."""
        target = self.folder / f"{name.split('/')[-1]}-{version}" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        self.entries.append(
            {
                "name": name,
                "version": version,
                "file": str(target.relative_to(self.folder)),
                "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
                "licence": licence,
                **({"note": note} if note else {}),
            }
        )

    def close(self) -> None:
        """Write the manifest."""
        (self.folder / "vendor.json").write_text(json.dumps(self.entries, indent=1) + "\n")


def build_govuk(work: Path, shelf: Shelf) -> None:
    """Compile the components that are used, with Highground's type and colours."""
    package = fetch("govuk-frontend", GOVUK, work)
    subprocess.run(["npm", "install", "--silent", "--no-save", f"sass@{SASS}"], cwd=work, check=True)
    built = work / "govuk.css"
    source = Path(__file__).with_name("govuk.scss")
    options = ["--style=compressed", "--no-source-map", "--quiet", f"--load-path={package / 'dist'}"]
    subprocess.run(["npx", "sass", *options, str(source), str(built)], cwd=work, check=True)
    note = f"built from tools/vendor/govuk.scss with sass {SASS}"
    shelf.put(built, "govuk-frontend", GOVUK, "MIT", "govuk.css", note)


def build_fonts(work: Path, shelf: Shelf) -> None:
    """Take one file per script and weight, and declare each for its own range of characters."""
    faces: list[str] = []
    for family, subsets in SCRIPTS.items():
        package = fetch(f"@fontsource/{family}", NOTO, work)
        ranges = json.loads((package / "unicode.json").read_text())
        title = " ".join(word.capitalize() for word in family.split("-"))
        for subset in subsets:
            for weight in WEIGHTS:
                file = f"{family}-{subset}-{weight}-normal.woff2"
                shelf.put(
                    package / "files" / file, "noto-sans", NOTO, "OFL-1.1", file, f"from @fontsource/{family}"
                )
                faces.append(
                    f'@font-face {{ font-family: "{title}"; font-weight: {weight}; font-display: swap; '
                    f'src: url("{file}") format("woff2"); unicode-range: {ranges[subset]}; }}'
                )
    sheet = work / "noto.css"
    sheet.write_text("\n".join(faces) + "\n")
    shelf.put(sheet, "noto-sans", NOTO, "OFL-1.1", "noto.css", "written by tools/vendor/build.py")


def main() -> None:
    """Build both shelves."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        pages = Shelf(PAGES)
        build_govuk(work, pages)
        build_fonts(work, pages)
        pages.put(fetch("htmx.org", HTMX, work) / "dist/htmx.min.js", "htmx.org", HTMX, "0BSD", "htmx.min.js")
        pages.close()
        tests = Shelf(TESTS)
        tests.put(fetch("axe-core", AXE, work) / "axe.min.js", "axe-core", AXE, "MPL-2.0", "axe.min.js")
        tests.close()


if __name__ == "__main__":
    main()
