"""A system check: the way down from an area to scoped data stays closed."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db.models import ForeignKey

from highground.accounts.scoping import ScopedManager


@register()
def closed_from_above(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Refuse a foreign key from a scoped model to an area that can be followed backwards."""
    errors: list[CheckMessage] = []
    for model in apps.get_models():
        if not any(isinstance(manager, ScopedManager) for manager in model._meta.managers):
            continue
        for field in model._meta.local_fields:
            if not isinstance(field, ForeignKey) or field.remote_field.hidden:
                continue
            if field.related_model._meta.label == "areas.Area":
                errors.append(
                    Error(
                        f"{model.__name__}.{field.name} can be followed from an area without a scope.",
                        hint='Give the field related_name="+".',
                        obj=field,
                        id="accounts.E001",
                    )
                )
    return errors
