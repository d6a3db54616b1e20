"""Protected attributes under lock: AES-GCM, with keys in a file outside the database.

The key file (`HIGHGROUND_HOME/keys/protected.json`, readable by its owner alone) holds 32-byte master keys,
each with an id and the day it was made; one is current. A master key gives one key to seal with and one to
look up by (HKDF-SHA256). A sealed value names its key and is bound to the household, the member and the kind
it belongs to, so that a row cannot be copied to another person. Retired keys stay in the file: they open
what an older backup holds.
"""

from __future__ import annotations

import base64
import datetime
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from highground.methods.feeds.hashing import KEY_FILE, derived, keyed_hash

NONCE = 12


class VaultError(RuntimeError):
    """A protected value that cannot be opened; the message names what is missing, never a value."""


@dataclass(frozen=True)
class _Key:
    sealing: AESGCM
    lookup: bytes


class Vault:
    """The keys of one installation, read once."""

    def __init__(self, path: Path) -> None:
        content = json.loads(path.read_text(encoding="ascii"))
        self.current: str = content["current"]
        self._keys = {entry["id"]: _derive(base64.b64decode(entry["key"])) for entry in content["keys"]}

    def seal(self, text: str, bound_to: str) -> bytes:
        """`text` encrypted under the current key; opens only with the same `bound_to`."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._keys[self.current].sealing.encrypt(nonce, text.encode(), bound_to.encode())

    def open(self, sealed: bytes | memoryview, key_id: str, bound_to: str) -> str:
        """The text again. Raises VaultError when the key is not there or the value was tampered with."""
        sealed = bytes(sealed)
        try:
            return (
                self._key(key_id).sealing.decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode()).decode()
            )
        except InvalidTag:
            raise VaultError(f"a protected value of {bound_to} was changed or belongs elsewhere") from None

    def lookup(self, kind: str, text: str, key_id: str | None = None) -> str:
        """The keyed hash under which a value is found: the same for the same value, useless without the key."""
        key = self._key(key_id or self.current).lookup
        return keyed_hash(key, kind, text)

    def lookups(self, kind: str, text: str) -> list[str]:
        """The hashes under every key of the file, for values that a rotation has not reached yet."""
        return [self.lookup(kind, text, key_id) for key_id in self._keys]

    def _key(self, key_id: str) -> _Key:
        try:
            return self._keys[key_id]
        except KeyError:
            raise VaultError(
                f"key {key_id} is not in the key file; restore the keys folder from a backup"
            ) from None


def key_file() -> Path:
    return Path(settings.HIGHGROUND_HOME) / KEY_FILE


def open_vault() -> Vault:
    """The installation's vault; its first key is made on first use."""
    path = key_file()
    if not path.exists():
        _write(path, [_new_entry()], replace=False)
    return Vault(path)


def add_key() -> str:
    """Make a new key the current one; the id. Values sealed so far keep theirs until they are resealed."""
    path = key_file()
    if not path.exists():
        return open_vault().current
    entries = json.loads(path.read_text(encoding="ascii"))["keys"]
    _write(path, [*entries, _new_entry()], replace=True)
    return Vault(path).current


def bound_to(household: int, member: int | None, kind: str) -> str:
    """What a sealed value is tied to: its person, else its household. A member's household may change."""
    return f"member:{member}:{kind}" if member is not None else f"household:{household}:{kind}"


def _derive(master: bytes) -> _Key:
    return _Key(AESGCM(derived(master, "seal")), derived(master, "lookup"))


def _new_entry() -> dict[str, str]:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {
        "id": secrets.token_hex(4),
        "made": today,
        "key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def _write(path: Path, entries: Iterable[dict[str, str]], *, replace: bool) -> None:
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
