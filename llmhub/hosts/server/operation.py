"""What every route has in common, as two decorators: `@reads(...)` and `@writes(...)`.

They authenticate, authorise, check the body and the query, and write the answer; a handler's method is then one call. What they
are told is also what `openapi.json` says. Action and resource are always given to `authorized`: it remembers the first it sees.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from jupyter_server.auth.decorator import authorized
from pydantic import BaseModel
from tornado import web

from ... import errors
from ...ids import is_id
from ..http import parse, parse_query, read_json, to_json

if TYPE_CHECKING:
    from .handler import Handler

_NAME: Final = re.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
RESOURCE: Final = "llmhub"
Method = Callable[..., Awaitable[Any] | None]


@dataclass(frozen=True)
class Operation:
    """One method of one route, as `openapi.json` tells it."""

    summary: str
    action: Literal["read", "write"]
    status: int
    answer: Any
    """The answer's type; None: there is no body."""
    body: type[BaseModel] | None
    body_required: bool
    query: type[BaseModel] | None
    errors: tuple[int, ...]
    media_type: str
    """The answer's, "application/json" or another."""
    raw_body: bool
    form: bool
    """The body is a multipart form with one file."""
    also: Mapping[int, Any]
    """Other good answers, by their status."""
    also_as: tuple[str, ...] = ()
    """Other media types that the answer can have, as text."""


def reads(summary: str, **told: Any) -> Callable[[Method], Method]:
    """A route that changes nothing. See `_operation` for what can be told."""
    return _operation(summary, "read", **told)


def writes(summary: str, **told: Any) -> Callable[[Method], Method]:
    """A route that starts or changes something. See `_operation` for what can be told."""
    return _operation(summary, "write", **told)


def operation_of(handler: type[web.RequestHandler], method: str) -> Operation | None:
    """What was told of `handler`'s method, or None where there is none."""
    return getattr(getattr(handler, method.lower(), None), "__llmhub_operation__", None)


def _operation(
    summary: str,
    action: Literal["read", "write"],
    *,
    answer: Any = None,
    status: int | None = None,
    body: type[BaseModel] | None = None,
    body_required: bool = True,
    raw_body: bool = False,
    form: bool = False,
    also: Mapping[int, Any] | None = None,
    query: type[BaseModel] | None = None,
    errors: tuple[int, ...] = (),
    media_type: str = "application/json",
    also_as: tuple[str, ...] = (),
) -> Callable[[Method], Method]:
    """Wrap a method, which gets its path's arguments, then `body` and `query` as values; what it returns is the answer."""
    told = Operation(
        summary=summary,
        action=action,
        status=status or (200 if answer is not None else 204),
        answer=answer,
        body=body,
        body_required=body_required,
        query=query,
        errors=errors,
        media_type=media_type,
        raw_body=raw_body,
        form=form,
        also=also or {},
        also_as=also_as,
    )

    def decorate(method: Method) -> Method:
        @web.authenticated
        @authorized(action, resource=RESOURCE)  # pyright: ignore[reportUntypedFunctionDecorator]
        @wraps(method)
        async def inner(self: Handler, *path: str) -> None:
            if self.refused:  # the answer, "too large", is out; what was still coming has been thrown away
                self.finish_refused()
                return
            arguments: dict[str, Any] = {}
            if body is not None:
                arguments["body"] = _body(self, body, required=body_required)
            if query is not None:
                arguments["query"] = parse_query(query, self.query_values())
            for value in path:
                self.check_path(value)
            value = await cast("Awaitable[Any]", method(self, *path, **arguments))
            if told.media_type == "application/json" and not self.is_answered:
                self.set_status(told.status)
                self.finish(None if told.answer is None else to_json(value))

        inner.__llmhub_operation__ = told  # type: ignore[attr-defined]
        return inner

    return decorate


def _body(handler: Handler, model: type[BaseModel], *, required: bool) -> BaseModel:
    text = handler.body()
    if not required and not text.strip():
        return model()
    return parse(model, read_json(text))


def check_name(value: str) -> None:
    """A step of an address is an id or a provider's name. Raises `NotFound`."""
    if not is_id(value) and _NAME.fullmatch(value) is None:
        raise errors.NotFound("There is nothing here of that name.", hint="Reload the list.")
