"""The demo model: a script that says it is one. It needs no key and no network, and shows what an answer can look like.

Asked again for the same message it says something else, so that the branch picker has something to pick.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from typing import Final

from ..messages import FilePart, ImagePart, Message, text_of
from . import scripts
from .base import Finished, ModelInfo, ModelRequest, PartEnded, ProviderEvent, Reasoning, Text
from .loose import number
from .scripts import Script

MODEL: Final = "tour"
PACE: Final = 0.03
"""Seconds between two words: as fast as a pleasant reader's eye."""
_REMEMBERED: Final = 1000
_PIECE: Final = re.compile(r"\s*\S+\s?|\s+")
_TOPICS: Final[Sequence[tuple[re.Pattern[str], Sequence[Script]]]] = (
    (re.compile(r"\b(help|what can you|hilfe|aide)\b", re.IGNORECASE), scripts.HELP),
    (re.compile(r"\b(long|longer|stop)\b", re.IGNORECASE), scripts.LONG),
    (re.compile(r"\b(tables?|tabelle|tableau)\b", re.IGNORECASE), scripts.TABLE),
    (re.compile(r"\b(maths?|mathematics|formulas?|equations?|integrals?|derivatives?|latex)\b", re.IGNORECASE), scripts.MATH),
    (re.compile(r"\b(code|python|functions?|program|scripts?|javascript|bash|sql)\b", re.IGNORECASE), scripts.CODE),
)
_GO_ON: Final = re.compile(r"\b(was|were) cut off\b")


class Scripted:
    """`pace` is in seconds per word; a provider's `params: {pace: 0}` sets it too."""

    def __init__(self, name: str = "demo", *, pace: float = PACE) -> None:
        self._name = name
        self._pace = pace
        self._asked: OrderedDict[str, int] = OrderedDict()

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Say the script that fits the last message, the next one each time it is asked for."""
        given = number(request.params.get("pace"))
        pace = self._pace if given is None else given
        if rest := _rest(request.messages):
            async for piece in _paced(rest, pace):
                yield Text(piece)
            yield Finished("stop")
            return
        script = self._choose(request.messages)
        async for piece in _paced(script.thought, pace / 2):
            yield Reasoning(piece)
        yield PartEnded()
        async for piece in _paced(script.text, pace):
            yield Text(piece)
        yield Finished("stop")

    async def models(self) -> list[ModelInfo]:
        """The tour."""
        return [
            ModelInfo(
                id=f"{self._name}/{MODEL}",
                label="Demo (a script, not a model)",
                provider=self._name,
                kind="demo",
                capabilities=("reasoning",),
                local=True,
            )
        ]

    async def aclose(self) -> None:
        """Nothing to free."""

    def _choose(self, messages: Sequence[Message]) -> Script:
        question = next((message for message in reversed(messages) if message.role == "user"), None)
        if question is None:
            return scripts.TOUR[0]
        versions = _versions(question)
        turn = self._asked.pop(question.id, 0)
        self._asked[question.id] = turn + 1
        if len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        return versions[turn % len(versions)]


def _versions(question: Message) -> Sequence[Script]:
    text = text_of(question)
    for pattern, versions in _TOPICS:
        if pattern.search(text):
            return versions
    if any(isinstance(part, ImagePart | FilePart) for part in question.parts):
        return scripts.PICTURE
    return scripts.TOUR


def _rest(messages: Sequence[Message]) -> str:
    """What is left of a script that was cut off, if that is what is asked for."""
    if len(messages) < 2 or messages[-1].role != "user" or not _GO_ON.search(text_of(messages[-1])):
        return ""
    said = text_of(messages[-2])
    return next((script.text[len(said) :] for script in scripts.ALL if said and script.text.startswith(said)), "")


async def _paced(text: str, pace: float) -> AsyncIterator[str]:
    """The words of `text`, each at its time. The clock decides, not the sum of sleeps, so that a busy loop does not slow it."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    for piece in _PIECE.findall(text):
        due += pace
        await asyncio.sleep(max(0.0, due - loop.time()))
        yield piece
