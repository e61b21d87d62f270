"""What people thought of answers elsewhere, as ratings of ours: the thumb, the usual reason where we have it too, their words."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, Literal

import orjson

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
_CHATGPT: Final[Mapping[str, RatingReason]] = {
    **_OPEN_WEBUI,
    "false": "inaccurate",
    "incorrect": "inaccurate",
    "not_true": "inaccurate",
    "incomplete": "incomplete",
    "bad_style": "style",
    "dont_like_style": "style",
    "refused": "refused",
    "lazy": "incomplete",
}
_CHATGPT_THUMBS: Final = {"thumbs_up": 1, "thumbsup": 1, "thumbs_down": -1, "thumbsdown": -1}
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
    return _rating(thumb, _slug(fields.text(said.get("reason"))), _OPEN_WEBUI, fields.text(said.get("comment")), at)


def of_chatgpt(feedback: Any, at: datetime) -> Rating | None:
    """An entry of `message_feedback.json`: `{rating, content: {tags, text}, create_time}`, where `content` may be JSON as a text.

    Its `rating` is `thumbs_up` or `thumbsUp`, by the age of the export.
    """
    said = fields.record(feedback)
    content = _content(said.get("content"))
    given = content.get("tags") or said.get("tags")
    tags = [tag for tag in map(fields.text, fields.rows(given)) if tag]
    known = [tag for tag in tags if _slug(tag) in _CHATGPT]
    first = next(iter(known or tags), "")
    others = [tag.replace("_", " ") for tag in tags if tag != first]
    own = fields.text(content.get("text")) or fields.text(said.get("text"))
    words = "\n".join(filter(None, (", ".join(others), own)))
    thumb = _CHATGPT_THUMBS.get(fields.text(said.get("rating")).lower())
    return _rating(thumb, _slug(first), _CHATGPT, words, fields.time(said.get("create_time")) or at)


def rated_by_chatgpt(feedback: Any) -> str | None:
    """The message that an entry of `message_feedback.json` is about: older exports call it `message_id`, newer ones `id`."""
    said = fields.record(feedback)
    return fields.key(said.get("message_id")) or fields.key(said.get("id"))


def _content(written: Any) -> Mapping[str, Any]:
    if isinstance(written, str):
        with suppress(orjson.JSONDecodeError):
            return fields.record(orjson.loads(written))
        return {"text": written}
    return fields.record(written)


def _slug(reason: str) -> str:
    """A reason's name, also of one that is a sentence."""
    return "_".join(reason.lower().replace("'", "").replace("’", "").replace("-", " ").split())


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
