"""What a dialect reads and reports, and what several of them write alike."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]


@dataclass
class Ask:
    """What the client asked for, whatever the wire."""

    model: str
    text: str
    """The text of the last user turn."""
    images: list[tuple[str, int]] = field(default_factory=list)
    """(media type, bytes) of the images in the last user turn."""
    tool_result: str | None = None
    """What the last turn's tool gave back, where the last turn is one."""
    stream: bool = True


@dataclass
class Counts:
    """What the answer reports as used."""

    input: int = 11
    cached: int = 0
    output: int = 0
    reasoning: int = 0


def sse(data: JSON, event: str | None = None) -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def size_of(text: str) -> int:
    """How many bytes this is in base64."""
    return len(base64.b64decode(text))
