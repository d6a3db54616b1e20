"""`{{ names|of:key }}`: what a key is called, or the key itself if nobody knows."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def of(names: Mapping[str, str], key: str) -> str:
    """The entry of `names` for `key`, else `key`."""
    return names.get(key, key)
