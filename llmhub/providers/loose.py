"""Reading JSON that others wrote: each function gives the wanted type, or its empty value where something else stands.

For what a wire may leave out. Where a wire must say something, index it and let the `KeyError` speak.
"""

from __future__ import annotations

from typing import Any, cast


def obj(value: Any) -> dict[str, Any]:
    """An object, or {}."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def arr(value: Any) -> list[Any]:
    """An array, or []."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def text(value: Any) -> str:
    """A string, or ""."""
    return value if isinstance(value, str) else ""


def count(value: Any) -> int | None:
    """A whole number that counts something, or None."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def number(value: Any) -> float | None:
    """A number, also one written as text, or None."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
