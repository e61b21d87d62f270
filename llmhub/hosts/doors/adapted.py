"""The header `llmhub-adapted`: what a model got otherwise than it was asked for, as a JSON list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from ...messages import Adaptation

_LONGEST: Final = 4_000
"""Bytes: clients and proxies refuse an answer whose headers are much longer."""
_LONGEST_VALUE: Final = 100


def adapted_header(items: Sequence[Adaptation]) -> str:
    """ASCII on one line. Values are there as far as they are short; where there is no room, a last item says how many more."""
    told = [_short(item) for item in items]
    for shown in range(len(told), -1, -1):
        more = [] if shown == len(told) else [{"more": len(told) - shown}]
        text = json.dumps([*told[:shown], *more], separators=(",", ":"))
        if len(text) <= _LONGEST:
            return text
    raise AssertionError("a list of one number is short")


def _short(item: Adaptation) -> dict[str, Any]:
    told = item.model_dump(mode="json", exclude_defaults=True)
    for name in ("value", "sent"):
        if name in told and len(json.dumps(told[name])) > _LONGEST_VALUE:
            del told[name]
    if len(json.dumps(told.get("name"))) > _LONGEST_VALUE:
        told["name"] = told["name"][: _LONGEST_VALUE // 6]
    return told
