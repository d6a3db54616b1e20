"""The key file of a home folder: `keys/protected.json`, readable by its owner alone.

It holds 32-byte master keys, each with an id and the day it was made; one is current. The office seals names and
numbers with keys derived from them, and the feeds find persons by a derived key.
"""

from __future__ import annotations

import base64
import datetime
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_FILE = Path("keys") / "protected.json"
Entry = dict[str, str]


def open_keys(path: Path) -> tuple[str, dict[str, bytes]]:
    """The id of the current master key and all of them by id. The first key is made on first use."""
    if not path.exists():
        write_keys(path, [new_entry()], replace=False)
    content = json.loads(path.read_text(encoding="ascii"))
    return content["current"], {entry["id"]: base64.b64decode(entry["key"]) for entry in content["keys"]}


def lookup_key(home: Path) -> bytes:
    """The current key by which people are looked up in a home folder."""
    current, keys = open_keys(home / KEY_FILE)
    return derived(keys[current], "lookup")


def derived(master: bytes, purpose: str) -> bytes:
    """The key for one purpose (`seal`, `lookup`) from a master key: HKDF-SHA256, 32 bytes."""
    info = b"highground.protected." + purpose.encode()
    return HKDF(SHA256(), 32, salt=None, info=info).derive(master)


def new_entry() -> Entry:
    """A new master key."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {
        "id": secrets.token_hex(4),
        "made": today,
        "key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def write_keys(path: Path, entries: Iterable[Entry], *, replace: bool) -> None:
    """Write the key file whole; the last entry is the current key. Without `replace` a file that is there stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    listed = list(entries)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
    ) as file:
        json.dump({"current": listed[-1]["id"], "keys": listed}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    try:
        if replace:
            draft.replace(path)
        else:
            # Linked, not renamed: of two processes that start together, both use the key that came first.
            os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
