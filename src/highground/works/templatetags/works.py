"""Filters for what studies show: p values and effects with their unit."""

from django import template

from highground.web.numbers import number
from highground.works.findings import Found
from highground.works.words import effect_words, p_words, rough

register = template.Library()


@register.filter
def p_value(p: float | None) -> str:
    """0.1667 as "0.17"."""
    return "–" if p is None else p_words(p)


@register.filter
def effect(found: Found) -> str:
    """An effect in its unit."""
    return effect_words(found)


@register.filter
def fine(value: float | None) -> str:
    """A mean of a village with two decimals, so that the change can be taken again by hand; "–" where it is not known."""
    return "–" if value is None else number(value, 2)


@register.filter(name="rough")
def rough_number(value: float | None) -> float | None:
    """A number with three figures that count."""
    return None if value is None else rough(value)
