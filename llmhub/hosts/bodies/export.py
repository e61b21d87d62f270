"""What an export is asked for with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...conversations.transfer.export import Format, Options
from ...messages import Value
from .fields import Id


class ExportAllQuery(Value):
    """The format of every conversation, and what of it is written. `only`, `prompts` and `answers` are a notebook's."""

    format: Annotated[Format, Field(description="ipynb, json (lossless), md or html (self-contained)")] = "json"
    branches: Annotated[Literal["path", "all"], Field(description="json has all branches in any case")] = "path"
    only: Annotated[Literal["code"], Field(description="nothing but the code")] | None = None
    prompts: Annotated[Literal["shown", "hidden"], Field(description="hidden: without the questions")] = "shown"
    answers: Annotated[Literal["cells", "magics"], Field(description="magics: `%%llm` cells, to ask again")] = "cells"

    def options(self) -> Options:
        """As the writers take it."""
        return Options(**self.model_dump())


class ExportQuery(ExportAllQuery):
    """`leaf`: the branch that ends there; absent: the one that is shown."""

    leaf: Id | None = None
