"""What went over the wire to a provider and what came back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..messages import Value


class Exchange(Value):
    """One attempt to get an answer, fit to be shown: no key stands in it, and no file's bytes.

    `request_body` is JSON, or text where only its beginning and end were kept; so it is with `response_body`. `truncated` says
    that something of either is missing.
    """

    provider: str
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: Any
    status: int | None
    response_headers: dict[str, str]
    response_body: str
    truncated: bool
    started_at: datetime
    duration_ms: float | None
    error: str | None
