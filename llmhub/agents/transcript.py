"""A conversation as a text that a model can be asked about, in words alone: any model reads it, and nothing in it is a call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..messages import Message
from ..providers.base import LoadFile, ModelRequest
from ..providers.history import Attached, Called, Item, Returned, Said, Seen, Thought, history_of

_LONGEST_SAID: Final = 40_000

_LONGEST_RESULT: Final = 6_000


async def transcript(messages: Sequence[Message], load_file: LoadFile) -> str:
    """Messages as text: who said what, files with their text, tool calls with their results; thoughts are left out."""
    if not messages:
        return ""
    history = await history_of(ModelRequest(model="", messages=tuple(messages), load_file=load_file), "")
    lines: list[str] = []
    for turn in history.turns:
        said = "".join(map(_words, turn.items)).strip()
        if turn.role == "tool" or not said:
            lines.append(said)
        else:
            lines.append(f"### {turn.role.capitalize()}\n{said}")
    return "\n\n".join(line for line in lines if line)


def _words(item: Item) -> str:
    match item:
        case Said(text=text):
            return _shortened(text, _LONGEST_SAID)
        case Called():
            return f"\n[Tool call {item.name}({_shortened(item.arguments, _LONGEST_RESULT)})]\n"
        case Returned():
            outcome = "result" if item.ok else "failure"
            return f"\n[Tool {outcome} of {item.name}: {_shortened(item.text, _LONGEST_RESULT)}]\n"
        case Seen():
            return "\n[An image.]\n"
        case Attached():
            return f"\n[The file “{item.name}” ({item.media_type}).]\n"
        case Thought():
            return ""


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    tail = longest // 4
    return f"{text[: longest - tail]}\n[… {len(text) - longest} characters left out …]\n{text[-tail:]}"
