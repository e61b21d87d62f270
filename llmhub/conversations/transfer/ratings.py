"""What people thought of answers elsewhere, as ratings of ours: the thumb, the usual reason where we have it too, their words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from ...messages import Rating, RatingReason
from . import fields

_TEXT: Final = 2000
"""Characters of somebody's own words, as the panel takes them."""
_LIBRECHAT: Final[Mapping[str, RatingReason]] = {
    "accurate_reliable": "accurate",
    "clear_well_written": "clear",
    "creative_solution": "creative",
    "attention_to_detail": "thorough",
    "not_matched": "off_topic",
    "inaccurate": "inaccurate",
    "bad_style": "style",
    "missing_image": "incomplete",
    "unjustified_refusal": "refused",
    "not_helpful": "not_helpful",
    "other": "other",
}
_OPEN_WEBUI: Final[Mapping[str, RatingReason]] = {
    "accurate_information": "accurate",
    "showcased_creativity": "creative",
    "attention_to_detail": "thorough",
    "thorough_explanation": "thorough",
    "dont_like_the_style": "style",
    "not_helpful": "not_helpful",
    "not_factually_correct": "inaccurate",
    "didnt_fully_follow_instructions": "incomplete",
    "refused_when_it_shouldnt_have": "refused",
    "being_lazy": "incomplete",
    "other": "other",
}
_GOOD: Final = frozenset({"accurate", "clear", "creative", "thorough"})


def of_librechat(feedback: Any, at: datetime) -> Rating | None:
    """`{rating: thumbsUp|thumbsDown, tag, text}`; `at` is when the answer was given, for nobody wrote down when it was rated."""
    said = fields.record(feedback)
    thumb = {"thumbsUp": 1, "thumbsDown": -1}.get(fields.text(said.get("rating")))
    tag = fields.text(said.get("tag")) or fields.text(fields.record(said.get("tag")).get("key"))
    return _rating(thumb, tag, _LIBRECHAT, fields.text(said.get("text")), at)


def of_open_webui(annotation: Any, at: datetime) -> Rating | None:
    """`{rating: 1|-1, reason, comment}`: the reason is a name, in older exports a sentence."""
    said = fields.record(annotation)
    number = fields.number(said.get("rating"))
    thumb = int(number) if number in (1, -1) else None
    reason = "_".join(fields.text(said.get("reason")).lower().replace("'", "").replace("’", "").split())
    return _rating(thumb, reason, _OPEN_WEBUI, fields.text(said.get("comment")), at)


def _rating(thumb: int | None, tag: str, known: Mapping[str, RatingReason], text: str, at: datetime) -> Rating | None:
    if thumb is None:
        return None
    value: Literal[1, -1] = 1 if thumb == 1 else -1
    reason = known.get(tag)
    if reason is None and tag:  # one that we do not have is said in words
        text = "\n".join(filter(None, (tag.replace("_", " "), text)))
    elif reason is not None and reason != "other" and (reason in _GOOD) != (value == 1):
        reason = None
    return Rating(value=value, reason=reason, text=text.strip()[:_TEXT] or None, rated_at=at)
