"""Code that is completed as it is typed, and what comes back of it line by line."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...messages import ErrorInfo, FinishReason, Value

_Code = Annotated[str, Field(max_length=200_000)]
_Cells = Annotated[tuple[_Code, ...], Field(max_length=200)]


class CompletionBody(Value):
    """The code round the cursor. Of what is far away from it only a part reaches the model."""

    before: Annotated[_Code, Field(description="what stands before the cursor, in its cell or file")]
    after: Annotated[_Code, Field(description="what stands behind it")] = ""
    language: Annotated[str, Field(max_length=50, description='as in "python"')] = ""
    above: Annotated[_Cells, Field(description="the cells above, from the first on; of a console, what was entered before")] = ()
    below: Annotated[_Cells, Field(description="the cells below")] = ()
    variables: Annotated[
        tuple[Annotated[str, Field(max_length=200)], ...],
        Field(max_length=200, description='names of the kernel\'s variables with their types: "df: DataFrame"'),
    ] = ()


class CompletionPiece(Value):
    """A line of the answer: more text, or the end, or an error in its place. An empty line is a sign of life."""

    text: str | None = None
    reason: FinishReason | None = None
    """How it ended."""
    model: str | None = None
    """Who has answered; with the end."""
    error: ErrorInfo | None = None
