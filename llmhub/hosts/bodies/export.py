"""What an export is asked for with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...conversations.transfer.export import Format, Options
from ...messages import Value
from .fields import Filters, Id, RequestId


class ExportAllQuery(Filters):
    """The format of every conversation, and what of it is written. `only`, `prompts` and `answers` are a notebook's."""

    format: Annotated[Format, Field(description="ipynb, json (lossless), md or html (self-contained)")] = "json"
    branches: Annotated[Literal["path", "all"], Field(description="json has all branches in any case")] = "path"
    only: Annotated[Literal["code"], Field(description="nothing but the code")] | None = None
    prompts: Annotated[Literal["shown", "hidden"], Field(description="hidden: without the questions")] = "shown"
    answers: Annotated[Literal["cells", "magics"], Field(description="magics: `%%llm` cells, to ask again")] = "cells"

    def options(self) -> Options:
        """As the writers take it."""
        return Options(**self.model_dump())


class ExportFetchQuery(ExportAllQuery):
    """`run_id`: an export that was announced; what it was announced with counts."""

    run_id: Id | None = None

    def options(self) -> Options:
        """As the writers take it."""
        return Options(**self.model_dump(exclude={"run_id"}))


class ExportStart(ExportAllQuery):
    """An export of everything that says how far it is."""

    client_request_id: RequestId | None = None

    def options(self) -> Options:
        """As the writers take it."""
        return Options(**self.model_dump(exclude={"client_request_id"}))


class ExportAccepted(Value):
    """An export that waits for being fetched with `GET export?run_id=`; its events are `runs/{run_id}/events`."""

    run_id: str


class ExportQuery(ExportAllQuery):
    """`leaf`: the branch that ends there; absent: the one that is shown."""

    leaf: Id | None = None
