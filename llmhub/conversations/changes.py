"""What may be changed of a conversation, checked. An unknown key or a wrong type is `Invalid` and names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self, cast

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, StringConstraints, ValidationError, field_validator

from ..errors import Invalid
from .cursors import is_text
from .titles import titled

TITLE_CHARS = 1000
TAGS = 100

_Tag = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=100)]


class Changes(BaseModel):
    """A PATCH. Only the fields that were given count: `title=None` takes the title away, no `title` leaves it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[StrictStr, Field(max_length=TITLE_CHARS)] | None = None
    head_id: StrictStr = ""
    folder_id: StrictStr | None = None
    tags: tuple[_Tag, ...] | None = None
    pinned: StrictBool = False
    archived: StrictBool = False
    unread: StrictBool = False
    model: Annotated[StrictStr, Field(max_length=1000)] | None = None
    params: dict[StrictStr, Any] = {}

    @classmethod
    def read(cls, changes: Mapping[str, Any]) -> Self:
        """The changes that a client asked for, or `Invalid`."""
        try:
            return cls.model_validate(dict(changes))
        except ValidationError as exc:
            errors = {".".join(str(step) for step in error["loc"]): error["msg"] for error in exc.errors(include_url=False)}
        names = ", ".join(cls.model_fields)
        raise Invalid(
            f"The conversation cannot be changed like this: {'; '.join(f'{name}: {why}' for name, why in errors.items())}.",
            hint=f"What can be changed: {names}.",
            details={"errors": errors},
        )

    @field_validator("title", "head_id", "folder_id", "model")
    @classmethod
    def _storable(cls, text: str | None) -> str | None:
        if text is not None and not is_text(text):
            raise ValueError("holds characters that cannot be stored (U+0000 or half a surrogate pair)")
        return text

    @field_validator("tags", mode="before")
    @classmethod
    def _a_list(cls, tags: Any) -> Any:
        if not isinstance(tags, list | tuple):
            raise ValueError("should be a list of strings")
        return cast(Any, tags)

    @field_validator("tags")
    @classmethod
    def _few_and_once(cls, tags: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if tags is None:
            return None
        if len(set(tags)) > TAGS:
            raise ValueError(f"at most {TAGS} tags")
        if not all(map(is_text, tags)):
            raise ValueError("holds characters that cannot be stored")
        return tuple(dict.fromkeys(tags))

    @field_validator("params")
    @classmethod
    def _json(cls, params: dict[str, Any]) -> dict[str, Any]:
        try:
            orjson.dumps(params)
        except TypeError:
            raise ValueError("should be plain JSON, not too deep, with numbers of at most 64 bits") from None
        return params

    def columns(self) -> dict[str, Any]:
        """The columns to write."""
        columns = {name: getattr(self, name) for name in self.model_fields_set - {"tags"}}
        if "title" in columns:
            columns |= titled(self.title)
        return columns


def request_id_fault(request_id: str) -> str | None:
    """What is wrong with a `client_request_id`, if anything."""
    return None if 0 < len(request_id) <= 255 and is_text(request_id) else "should have 1 to 255 characters"
