"""What bodies are made of: ids, names, limits, times, and a page of a list.

Requests refuse unknown fields. Answers are described here once; OpenAPI and the panel's TypeScript types are made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from ...messages import Value
from ...params import Params

T = TypeVar("T")


def stripped(text: str) -> str:
    """Text without blanks round it, of which something is left."""
    text = text.strip()
    if not text:
        raise ValueError("is empty")
    return text


def _in_utc(time: datetime) -> datetime:
    try:
        time = time.astimezone(UTC)
    except OverflowError:
        raise ValueError("is no time that a calendar knows") from None
    if time.year < 1970:
        raise ValueError("is before 1970")
    return time


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("is no time zone that this machine knows; write it as in Europe/Zurich") from None
    return name


_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
_ADDRESS = r"^https?://[^\s]+$"
PATTERNS: Final = {
    _ID: "is not a UUID",
    _NAME: "is no name: a letter or digit, then letters, digits, `_`, `.` and `-`, 64 in all",
    _ADDRESS: "is no address: it begins with http:// or https:// and has no blanks",
}
"""What is said of a text that does not match."""

Id = Annotated[str, Field(pattern=_ID, description="a UUID")]
Name = Annotated[str, Field(pattern=_NAME, description="a provider's name")]
Title = Annotated[str, Field(max_length=1000)]
Model = Annotated[str, Field(min_length=1, max_length=500, description="`<provider>/<model>`")]
Tag = Annotated[str, Field(min_length=1, max_length=100)]
Address = Annotated[str, Field(min_length=1, max_length=2000, pattern=_ADDRESS, description="an http or https URL")]
Cursor = Annotated[str, Field(min_length=1, max_length=500, description="`next` of the page before")]
Limit = Annotated[int, Field(ge=1, le=1000)]
Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Zone = Annotated[str, Field(max_length=100, description="a time zone, such as Europe/Zurich"), AfterValidator(_zone)]
RequestId = Annotated[str, Field(min_length=1, max_length=200, description="the same id twice does nothing twice")]


def given(params: Params | None) -> dict[str, Any]:
    """Only the parameters that were set."""
    return params.model_dump(mode="json", exclude_none=True) if params else {}


class Filters(Value):
    """A query that may be sent with places left empty: `?limit=&cursor=` says as much as nothing.

    Not those of switches: who writes `?excerpts` does not mean false.
    """

    @classmethod
    def without_empty(cls, given: Mapping[str, str]) -> dict[str, str]:
        """What is left of a query's values."""
        switches = {name for name, field in cls.model_fields.items() if field.annotation is bool}
        return {name: value for name, value in given.items() if value or name in switches}


class Listed(BaseModel, Generic[T]):
    """Part of a list; `next` is the cursor of what follows, or null."""

    items: tuple[T, ...]
    next: str | None = None
