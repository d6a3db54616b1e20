"""Protected attributes under lock: AES-GCM, with keys in a file outside the database.

The key file (`HIGHGROUND_HOME/keys/protected.json`, readable by its owner alone) holds 32-byte master keys,
each with an id and the day it was made; one is current. A master key gives one key to seal with and one to
look up by (HKDF-SHA256). A sealed value names its key and is bound to the household, the member and the kind
it belongs to, so that a row cannot be copied to another person. Retired keys stay in the file: they open
what an older backup holds.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from highground.methods.feeds.hashing import keyed_hash
from highground.methods.feeds.keyfile import KEY_FILE, derived, new_entry, open_keys, write_keys

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
        self.current, masters = open_keys(path)
        self._keys = {name: _derive(master) for name, master in masters.items()}

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
    return Vault(key_file())


def add_key() -> str:
    """Make a new key the current one; the id. Values sealed so far keep theirs until they are resealed."""
    path = key_file()
    if not path.exists():
        return open_vault().current
    entries = json.loads(path.read_text(encoding="ascii"))["keys"]
    write_keys(path, [*entries, new_entry()], replace=True)
    return Vault(path).current


def bound_to(household: int, member: int | None, kind: str) -> str:
    """What a sealed value is tied to: its person, else its household. A member's household may change."""
    return f"member:{member}:{kind}" if member is not None else f"household:{household}:{kind}"


def _derive(master: bytes) -> _Key:
    return _Key(AESGCM(derived(master, "seal")), derived(master, "lookup"))
