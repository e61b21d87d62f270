"""The frames of one run: every event encoded once, numbered from 1, and their compact form for the store.

The compact form keeps of each delta only its part and length, for its text stands in the message: some bytes per event instead of a
hundred, and yet `events?after=` replays exactly what was sent. It is not a journal: nothing here writes to disk.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import count
from typing import Any, Final, NamedTuple, cast

import orjson

from ..events import Event, ReasoningDelta, TextDelta
from ..messages import Part, ReasoningPart, TextPart

_DELTAS: Final = ("text.delta", "reasoning.delta")


class Frame(NamedTuple):
    """One event as it goes to watchers. `data` is the whole event as JSON."""

    seq: int
    type: str
    data: bytes


class RunLog:
    """What a run has said, in order.

    Kept as text and bytes, which the garbage collector does not look at: a hundred runs would give it a hundred thousand frames to
    walk through, and nobody hears anything meanwhile.
    """

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self._types: list[str] = []
        self._data: list[bytes] = []

    def __len__(self) -> int:
        return len(self._data)

    @property
    def last_seq(self) -> int:
        """The number of the newest frame, 0 before the first."""
        return len(self._data)

    def append(self, event: Event) -> Frame:
        """Number and encode `event`."""
        frame = encode(self.run_id, len(self._data) + 1, event)
        self._types.append(frame.type)
        self._data.append(frame.data)
        return frame

    def after(self, seq: int, most: int = 256, *, upto: int | None = None) -> list[Frame]:
        """At most `most` frames that follow number `seq`, up to number `upto`."""
        upto = min(seq + most, len(self) if upto is None else upto)
        return [*map(Frame, count(seq + 1), self._types[seq:upto], self._data[seq:upto])]


def encode(run_id: str, seq: int, event: Event) -> Frame:
    """An event with its run and number, as JSON."""
    if isinstance(event, TextDelta | ReasoningDelta):  # the hot path: no pydantic dump for a delta
        body: dict[str, Any] = {"run_id": run_id, "seq": seq, "type": event.type, "part": event.part, "text": event.text}
    else:
        body = {**event.model_dump(mode="json"), "run_id": run_id, "seq": seq}
    return Frame(seq, event.type, b"%b" % orjson.dumps(body))  # a copy: what orjson gives holds 4 KB, however short it is


def decode(line: bytes) -> Frame:
    """A frame from its JSON; raises `ValueError` when it is not one."""
    body = orjson.loads(line)
    return Frame(int(body["seq"]), str(body["type"]), line)


def pack(frames: Sequence[Frame]) -> bytes:
    """Frames → compact bytes: `[kind, part, length]` for a delta, the event without run and number for the rest, compressed."""
    entries: list[Any] = []
    for frame in frames:
        body = orjson.loads(frame.data)
        if frame.type in _DELTAS:
            entries.append([_DELTAS.index(frame.type), body["part"], len(body["text"])])
        else:
            entries.append({k: v for k, v in body.items() if k not in ("run_id", "seq")})
    return zlib.compress(orjson.dumps(entries))


def unpack(data: bytes, run_id: str, parts: Sequence[Part]) -> list[Frame]:
    """Compact bytes and the message's parts → the frames as they were sent."""
    if not data:
        return []
    texts = [part.text if isinstance(part, TextPart | ReasoningPart) else "" for part in parts]
    said = [0] * len(texts)
    frames: list[Frame] = []
    for seq, entry in enumerate(orjson.loads(zlib.decompress(data)), start=1):
        if isinstance(entry, list):
            kind, part, length = cast("list[int]", entry)
            start = said[part]
            said[part] += length
            body = {
                "run_id": run_id,
                "seq": seq,
                "type": _DELTAS[kind],
                "part": part,
                "text": texts[part][start : start + length],
            }
        else:
            body = {"run_id": run_id, "seq": seq, **cast("dict[str, Any]", entry)}
        frames.append(Frame(seq, str(body["type"]), orjson.dumps(body)))
    return frames
