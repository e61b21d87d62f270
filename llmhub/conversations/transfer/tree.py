"""From the nodes that a file holds to a tree of messages: what is left out is bridged, what is impossible is put right.

Nodes may name parents that are not there, or each other in a circle; times may be missing or run backwards; an answer may lie in
pieces (thoughts, a tool's call, its result, the text). None of that loses a message.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from ...messages import ErrorInfo, FinishReason, Message, Part, Rating, Role, Status, TextPart, Usage

_STEP: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A node as it was found. Without parts it is no message: its children go to its parent."""

    id: str
    parent: str | None
    role: Role
    parts: tuple[Part, ...] = ()
    at: datetime | None = None
    model: str | None = None
    joins: bool = False
    """It goes on with the answer above it, if it is the only thing that follows there."""
    status: Status = "complete"
    usage: Usage | None = None
    error: ErrorInfo | None = None
    finish_reason: FinishReason | None = None
    rating: Rating | None = None


@dataclass(slots=True)
class Tree:
    """Messages, parents before children, and where each node went."""

    messages: tuple[Message, ...]
    places: Mapping[str, str] = field(default_factory=dict[str, str])
    """The id of a node → the id of the message that it is in, or that stands above it."""

    def head(self, node: str | None) -> str | None:
        """The leaf to show, if a file says that `node` was shown; None where it says nothing that helps."""
        at = self.places.get(node or "")
        if at is None:
            return None
        newest: dict[str, Message] = {}
        for message in self.messages:
            if message.parent_id is not None:
                before = newest.get(message.parent_id)
                if before is None or message.created_at >= before.created_at:
                    newest[message.parent_id] = message
        while (below := newest.get(at)) is not None:
            at = below.id
        return at


def grow(nodes: Sequence[Found], begun: datetime) -> Tree:
    """The tree of `nodes`; `begun` is the time of those that have none above them. The first of two nodes of one id counts."""
    known: dict[str, Found] = {}
    for node in nodes:
        known.setdefault(node.id, node)
    above = _real_parents(known)
    children: dict[str | None, list[str]] = defaultdict(list)
    for id, node in known.items():
        if node.parts:
            children[above[id]].append(id)
    messages: dict[str, Message] = {}
    places: dict[str, str] = {}
    waiting: list[tuple[str, str | None]] = [(id, None) for id in reversed(children[None])]
    while waiting:
        id, parent = waiting.pop()
        node, beneath = known[id], children[id]
        while len(beneath) == 1 and _goes_on(node, known[beneath[0]]):
            places[beneath[0]] = id
            node = _joined(node, known[beneath[0]])
            beneath = children[beneath[0]]
        earlier = messages[parent].created_at if parent is not None else None
        messages[id] = _message(node, parent, _time(node.at, earlier, begun))
        places[id] = id
        waiting.extend((child, id) for child in reversed(beneath))
    for id in known:
        if id not in places and (up := above[id]) is not None:
            places[id] = places[up]
    return Tree(tuple(messages.values()), places)


def _real_parents(known: Mapping[str, Found]) -> dict[str, str | None]:
    """For each node the nearest one above it that is a message; a circle is cut where it closes."""
    above: dict[str, str | None] = {}
    for start in known:
        walked: dict[str, None] = {}
        id: str | None = start
        while id is not None and id in known and id not in above and id not in walked:
            walked[id] = None
            id = known[id].parent
        if id in walked:  # round in a circle: this one becomes a root
            above[id] = None
            del walked[id]
        for one in reversed(walked):
            parent = known[one].parent
            there = parent is not None and parent in known
            above[one] = (parent if known[parent].parts else above.get(parent)) if there and parent is not None else None
    return above


def _goes_on(node: Found, below: Found) -> bool:
    return below.joins and node.role == "assistant" and below.role in ("assistant", "tool")


def _joined(node: Found, below: Found) -> Found:
    """Both as one answer; how it ended is what the later one says."""
    return replace(
        node,
        parts=(*node.parts, *below.parts),
        model=below.model or node.model,
        status=below.status,
        usage=below.usage or node.usage,
        error=below.error or node.error,
        finish_reason=below.finish_reason or node.finish_reason,
        rating=below.rating or node.rating,
    )


def _with_seams(parts: Sequence[Part]) -> Iterator[Part]:
    """Texts that follow one another as one, with a blank line between: here they would be run together."""
    waiting: TextPart | None = None
    for part in parts:
        if isinstance(part, TextPart) and waiting is not None:
            seam = "" if waiting.text.endswith("\n\n") else "\n" if waiting.text.endswith("\n") else "\n\n"
            waiting = waiting.model_copy(update={"text": f"{waiting.text}{seam}{part.text}"})
        elif isinstance(part, TextPart):
            waiting = part
        else:
            if waiting is not None:
                yield waiting
                waiting = None
            yield part
    if waiting is not None:
        yield waiting


def _time(at: datetime | None, earlier: datetime | None, begun: datetime) -> datetime:
    """Never before what it answers."""
    if earlier is None:
        return at or begun
    return at if at is not None and at > earlier else earlier + _STEP


def _message(node: Found, parent: str | None, at: datetime) -> Message:
    answer = node.role == "assistant"
    return Message(
        id=node.id,
        conversation_id="",
        parent_id=parent,
        role=node.role,
        status=node.status,
        model=node.model if answer else None,
        parts=tuple(_with_seams(node.parts)),
        usage=node.usage,
        finish_reason=node.finish_reason or ("stop" if answer and node.status == "complete" else None),
        error=node.error,
        rating=node.rating if answer else None,
        created_at=at.astimezone(UTC),
    )
