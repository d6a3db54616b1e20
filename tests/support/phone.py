"""The XML that a phone sends after a visit, and what the office holds of it."""

from __future__ import annotations

import uuid
from typing import Any
from xml.sax.saxutils import escape


def everything(model: Any) -> Any:
    """Every row of a table, whoever may see it."""
    return model.objects.everywhere(reason="test")


def form(household, *, instance: str = "", base: int = 0, facts=None, members=None, **fields: Any) -> str:
    """The XML of one visit."""
    parts = [
        f"<household>{household if isinstance(household, str) else household.key}</household><base>{base}</base>"
    ]
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            parts.append(f"<{name}>{escape(str(one))}</{name}>")
    parts.append(
        "<facts>" + "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in (facts or {}).items()) + "</facts>"
    )
    for key, answers in (members or {}).items():
        inside = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in answers.items())
        parts.append(f"<members><member>{key}</member>{inside}</members>")
    instance = instance or f"uuid:{uuid.uuid4()}"
    return f'<data id="visit" version="1">{"".join(parts)}<meta><instanceID>{instance}</instanceID></meta></data>'
