"""The table of all settings in docs/configuration.md, key by key from the models.

`python -m llmhub.config.document` in a checkout writes it, and the schema for editors, anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from .layers import annotation_under, fields_of
from .schema import FILE, schema_text
from .settings import Settings

BEGIN: Final = "<!-- settings: made by `python -m llmhub.config.document`, do not edit -->"
END: Final = "<!-- end of settings -->"
_HEAD: Final = "| Setting | Type | Meaning | Default |\n|---|---|---|---|\n"
_WORDS: Final = {
    str: "text",
    SecretStr: "secret",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    Any: "any value",
}


def table() -> str:
    """The table, in Markdown."""
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in _rows(Settings, ""))


def documented(text: str) -> str:
    """A document with the table of today between its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The document has no {BEGIN!r} … {END!r}.")
    return f"{before}{BEGIN}\n\n{table()}\n{END}{after}"


def _rows(section: type[BaseModel], way: str) -> Iterator[tuple[str, str, str, str]]:
    kinds = fields_of(section)
    for name, field in section.model_fields.items():
        here = f"{way}{name}"
        kind = kinds[name]
        below = _section_under(kind)
        meaning, _, absent = (field.description or "").partition("absent: ")
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            yield f"`{here}`", _type(kind), _cell(meaning.rstrip("; ")), _cell(absent or _default(field))
        if below is not None:
            yield from _rows(below, f"{here}{_step(kind)}.")


def _section_under(kind: Any) -> type[BaseModel] | None:
    """The settings that a section, or each item of a mapping or list, has."""
    inner = kind if isinstance(kind, type) else annotation_under(kind, "")
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _step(kind: Any) -> str:
    return ".<name>" if get_origin(kind) is dict else "[]" if get_origin(kind) is tuple else ""


def _type(kind: Any) -> str:
    if (words := _WORDS.get(kind)) is not None:
        return words
    if get_origin(kind) is Literal:
        return ", ".join(f"`{each}`" for each in get_args(kind))
    if get_origin(kind) is dict and get_origin(several := get_args(kind)[1]) is UnionType:
        words = [_type(one) for one in get_args(several) if not (one is int and float in get_args(several))]
        return f"`name: value` of {' or '.join(words)}"
    inner = annotation_under(kind, "")
    of = "" if inner is Any or _section_under(kind) is not None else f" of {_type(inner)}"
    return f"`name: value`{of}" if get_origin(kind) is dict else f"list{of}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined or value in (None, (), {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the document and the schema of this checkout."""
    package = Path(__file__).parent
    document = package.parent.parent / "docs" / "configuration.md"
    document.write_text(documented(document.read_text()))
    (package / FILE).write_text(schema_text())


if __name__ == "__main__":
    main()
