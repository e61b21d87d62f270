"""What is said of a file that is put in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...messages import Value


class FileQuery(Value):
    """How it is kept."""

    temporary: Annotated[bool, Field(description="in memory only, for a temporary conversation, and gone with it")] = False
