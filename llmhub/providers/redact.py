"""What others say, made fit to be shown: without keys, and without what the user wrote. Providers echo both in their errors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_LOOKS_LIKE_A_KEY: Final = re.compile(
    r"\b(?:(?:sk|pk|rk|gsk|xai|hf|csk|fw|nvapi|key|AKIA|AIza|ya29)[-_.]?[A-Za-z0-9*_.-]{12,}|Bearer\s+\S+)", re.IGNORECASE
)
_SHORTEST_SECRET: Final = 4
_ECHO: Final = 24
"""A run of so many characters that also stands in the prompt is taken for an echo of it."""


def without_keys(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of `secrets`, nor anything that looks like a key."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "[key]")
    return _LOOKS_LIKE_A_KEY.sub("[key]", text)


def without_echo(text: str, prompt: str) -> str:
    """`text` with everything cut out that it repeats from `prompt`; runs shorter than 24 characters stay."""
    if not prompt:
        return text
    short = prompt.strip()
    if 4 <= len(short) < _ECHO:
        return text.replace(short, "…")
    kept: list[str] = []
    start = 0
    while start < len(text):
        if len(text) - start >= _ECHO and text[start : start + _ECHO] in prompt:
            end = start + _ECHO
            while end < len(text) and text[start : end + 1] in prompt:
                end += 1
            kept.append("…")
            start = end
        else:
            kept.append(text[start])
            start += 1
    return "".join(kept)
