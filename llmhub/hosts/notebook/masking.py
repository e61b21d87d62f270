"""What the environment holds as keys and passwords, and text without them.

Text is masked before it is cut: half a key is none that could be found in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final

MASK: Final = "********"
_SECRET: Final = re.compile(r"(?i)(key|token|secret|password|passwd|credential)s?$")
_SHORTEST: Final = 8
"""Characters of what counts as a secret: shorter ones stand in other words."""


def masked(text: str, secrets: Sequence[str] | None = None) -> str:
    """Without the keys and passwords that the environment holds. `secrets`: what `secrets_here` gave, for many texts."""
    for secret in secrets_here() if secrets is None else secrets:
        text = text.replace(secret, MASK)
    return text


def secrets_here() -> list[str]:
    """The keys and passwords that the environment holds, the longest first: one may begin as another does."""
    found = {value for name, value in os.environ.items() if len(value) >= _SHORTEST and is_secret_name(name)}
    return sorted(found, key=len, reverse=True)


def is_secret_name(name: str) -> bool:
    """Whether a variable is called as if nobody should see it."""
    return _SECRET.search(name) is not None
