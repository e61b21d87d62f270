"""A failure, as every route answers it."""

from __future__ import annotations

from ...messages import ErrorInfo, Value


class ErrorView(Value):
    """Every failure."""

    error: ErrorInfo
