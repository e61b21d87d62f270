"""The order of what was found: bm25 over the newest matches, the exact form before others, and what is newer a little before.

Only a window of matches is weighed, never all: a word that is in most messages would take seconds. How rare a word is, is
reckoned within that window; words that every text has weigh little.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import log
from typing import Final

from .query import Sequence as Terms
from .query import Word

_K1: Final = 1.2
_B: Final = 0.75
_OTHER_FORM: Final = 0.5
"""What a stem or a part of a name counts, beside the word as it was typed."""
_WHOLE: Final = 0.5
"""What is added when a word that is being typed stands there whole."""
_COMMON: Final = 0.15
_TOGETHER: Final = 1.4
"""Words that stand side by side, as they were typed."""
_FRESH: Final = 0.6
_HALF_LIFE: Final = 60.0
"""Days."""


def scores(texts: Sequence[str | None], times: Sequence[datetime], words: Sequence[Sequence[Word]], now: datetime) -> list[float]:
    """One number for each, higher is better. `texts`: the terms of an entry as they are stored; None: not looked into."""
    known = [text for text in texts if text is not None]
    average = (sum(text.count(" ") for text in known) / len(known)) if known else 1.0
    totals = [0.0] * len(texts)
    for group in words:
        counts = [_count(text, group) for text in texts]
        having = sum(count > 0 for count in counts)
        rare = log(1 + (len(texts) - having + 0.5) / (having + 0.5)) + 0.2
        weight = rare * (_COMMON if all(word.is_common for word in group) else 1.0)
        for index, (text, count) in enumerate(zip(texts, counts, strict=True)):
            length = text.count(" ") if text is not None else average
            totals[index] += weight * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length / average))
    if (together := _together(words)) is not None:
        totals = [total * (_TOGETHER if text and together in text else 1) for total, text in zip(totals, texts, strict=True)]
    if not words:
        totals = [1.0] * len(texts)
    return [total * freshness(at, now) for total, at in zip(totals, times, strict=True)]


def freshness(at: datetime, now: datetime) -> float:
    """From 1 for what is old to 1.6 for what is new."""
    days = max(0.0, (now - at).total_seconds() / 86_400)
    return 1 + _FRESH * 2 ** (-days / _HALF_LIFE)


def _count(text: str | None, group: Sequence[Word]) -> float:
    if text is None:
        return 1.0
    best = 0.0
    for word in group:
        typed, *others = word.forms
        count = float(text.count(_needle(typed)))
        if typed.prefix and count and f" {' '.join(typed.terms)} " in text:
            count += _WHOLE
        if any(_needle(form) in text for form in others):
            count += _OTHER_FORM
        best = max(best, count)
    return best


def _together(words: Sequence[Sequence[Word]]) -> str | None:
    if len(words) < 2:
        return None
    typed = [group[0].forms[0] for group in words]
    return _needle(Terms(tuple(term for one in typed for term in one.terms), typed[-1].prefix))


def _needle(terms: Terms) -> str:
    return f" {' '.join(terms.terms)}{'' if terms.prefix else ' '}"
