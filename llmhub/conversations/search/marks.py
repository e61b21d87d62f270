"""Terms that are no words: whose an entry is, and of what kind. A sign stands before them, so that no text has them."""

from __future__ import annotations

from hashlib import blake2s
from typing import Final

from .words import terms


def owner_mark(owner: str) -> str:
    """The term that everything of an owner is found by."""
    return f"=o{blake2s(owner.encode(), digest_size=8).hexdigest()}"


def conversation_mark(conversation_id: str) -> str:
    """The term that every message of a conversation is found by."""
    return f"=c{conversation_id.replace('-', '')}"


def role_mark(role: str) -> str:
    """The term that messages of a role are found by."""
    return f"=r{role}"


def model_marks(model: str) -> list[str]:
    """The terms that what a model said is found by: the pieces of its name."""
    return [f"=m{word}" for word in terms(model).stream]


def has_mark(what: str) -> str:
    """The term that messages with an image, code, ... are found by."""
    return f"=h{what}"


TITLE: Final = "=title"
"""The term that titles are found by."""
