"""Which messages of a tree go into a fork. Pure: it knows parents and children, no database.

`path`: what is shown, from the root to the message. `branches`: with what stands beside each message of it. `to_here`: every
message down to its level, on whichever branch. `from_here`: it and everything beneath it; an answer takes its question along.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol, assert_never

from ..messages import Role
from .values import ForkMode


class Place(Protocol):
    """A message as the tree knows it."""

    @property
    def id(self) -> str:
        """Its own."""
        ...

    @property
    def parent_id(self) -> str | None:
        """The message before it; None: there is none."""
        ...

    @property
    def role(self) -> Role:
        """Who says it."""
        ...


def picked(places: Sequence[Place], target: str, mode: ForkMode) -> set[str]:
    """The ids of the messages that a fork at `target` takes along. `target` is one of `places`."""
    parents = {place.id: place.parent_id for place in places}
    match mode:
        case "path":
            return set(_up(parents, target))
        case "branches":
            above = {parents[id] for id in _up(parents, target)}
            return {id for id, parent in parents.items() if parent in above}
        case "to_here":
            level = len(_up(parents, target))
            return _down(parents, [id for id, parent in parents.items() if parent is None], levels=level)
        case "from_here":
            roles = {place.id: place.role for place in places}
            question = parents[target] if roles[target] != "user" else None
            return _down(parents, [target]) | ({question} if question is not None else set())
        case _:
            assert_never(mode)


def _up(parents: dict[str, str | None], target: str) -> list[str]:
    path: list[str] = []
    at: str | None = target
    while at is not None:
        path.append(at)
        at = parents[at]
    return path


def _down(parents: dict[str, str | None], tops: list[str], levels: int | None = None) -> set[str]:
    below: dict[str | None, list[str]] = defaultdict(list)
    for id, parent in parents.items():
        below[parent].append(id)
    found, level = set(tops), tops
    while level and (levels is None or (levels := levels - 1) > 0):
        level = [child for id in level for child in below[id]]
        found.update(level)
    return found
