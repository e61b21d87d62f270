"""`{user}` and `{conversation_id}` in a provider's headers, filled in for each request: gateways bill and trace by them.

A value comes from a login, so it is percent-encoded: whatever it is, it stays one line of ASCII and begins no other header. Other
words in braces stay as they are, for a header may hold JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

_PLACEHOLDER: Final = re.compile(r"\{(user|conversation_id)\}")
_PLAIN: Final = "@.-_~+"
"""What stays as it is beside letters and digits."""


def filled(headers: Mapping[str, str], told: Mapping[str, str]) -> Mapping[str, str]:
    """The headers of one request. Where nobody asks (a list of models) a placeholder is empty; an empty header is left out."""
    if not any("{" in value for value in headers.values()):
        return headers
    return {name: text for name, value in headers.items() if (text := _fill(value, told)) or not value}


def literals(value: str) -> tuple[str, ...]:
    """What stands in a header whoever asks: what of it could be a secret."""
    return tuple(piece for piece in _PLACEHOLDER.split(value)[::2] if piece.strip())


def _fill(value: str, told: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: quote(told.get(found[1], ""), safe=_PLAIN, errors="replace"), value).strip()
