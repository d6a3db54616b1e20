"""Private texts of any room under the keys of the register: who helped, who objected, what they said.

    class Objection(models.Model):
        objector = SealedField(tied_to="household_id", blank=True)

    seal(objection, "objector", "Wei Lan")        # before saving; the row must have its household
    opened(objection, "objector")                 # "Wei Lan"

The column holds the key's id and the sealed text. It is bound to its table, its column and the value of
`tied_to`, so that it cannot be copied to another row of another household. A change of keys (`rotate_keys`)
reaches every such column; that needs a scoped manager.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from highground.people.vault import Vault, open_vault

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class SealedField(_Text):
    """A text that only the key file opens; "" is nothing. `tied_to` names a field of the row that never changes."""

    def __init__(self, *arguments: Any, tied_to: str = "", **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.tied_to = tied_to

    def deconstruct(self) -> Any:
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, {**options, "tied_to": self.tied_to}

    def bound_to(self, row: models.Model) -> str:
        """What a text of `row` is bound to."""
        value = getattr(row, self.tied_to)
        if value is None:
            raise ValueError(f"{self.model.__name__}.{self.name} is sealed once {self.tied_to} is known")
        return f"{self.model._meta.label_lower}.{self.name}:{value}"


def seal(row: models.Model, name: str, text: str, vault: Vault | None = None) -> None:
    """Put `text` into the sealed field `name` of a row that is about to be saved."""
    if not text:
        setattr(row, name, "")
        return
    vault = vault or open_vault()
    sealed = vault.seal(text, _field(row, name).bound_to(row))
    setattr(row, name, f"{vault.current}.{base64.b64encode(sealed).decode()}")


def opened(row: models.Model, name: str, vault: Vault | None = None) -> str:
    """The text in the sealed field `name`. Raises VaultError as the vault does. The caller answers for the scope."""
    stored = getattr(row, name)
    if not stored:
        return ""
    key_id, _, sealed = stored.partition(".")
    return (vault or open_vault()).open(base64.b64decode(sealed), key_id, _field(row, name).bound_to(row))


def sealed_fields() -> Iterator[tuple[type[models.Model], str]]:
    """Every sealed field of every room: model and name."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SealedField):
                yield model, field.name


def _field(row: models.Model, name: str) -> SealedField:
    field = row._meta.get_field(name)
    assert isinstance(field, SealedField)
    return field
