"""`Talk`: the kernel's side of a conversation in an output: hears what is asked there, asks it, and tells what is said.

What goes over the comm are messages and events of the API, never an address or a key: all requests are this kernel's. Nothing waits
in the kernel's own thread, which may be needed for a cell.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ....client import Client
from ....conversations.transfer.formulas import mathml
from ....errors import Invalid, LLMHubError, NotFound, words
from ....messages import Message
from .colours import coloured

if TYPE_CHECKING:
    from ..conversing import Conversing

Send = Callable[[dict[str, Any]], None]


class Turn(NamedTuple):
    """A message of the branch that is shown, and all that stand beside each other there, itself among them, in order."""

    shown: Message
    messages: tuple[Message, ...]


Turns = Sequence[Turn]
LONGEST: Final = 200_000
"""Characters of a question."""
_AGAIN: Final = (0.0, 2.0, 5.0, 20.0)
"""Seconds between looks at the list of models: a provider that is slow to list its own is in it later."""
_log = logging.getLogger(__name__)
_RUNNING: Final = ("running", "waiting")


class Talk:
    """Of one `Chat` or `Compare`. `send` says something to its outputs; `seen` is called with what they show."""

    def __init__(self, chat: Conversing, client: Client, send: Send, seen: Callable[[Turns], None]) -> None:
        self._chat = chat
        self._client = client
        self._send = send
        self._seen = seen
        self._said: dict[str, list[dict[str, Any]]] = {}
        """By answer that is being given: its events so far."""

    @property
    def conversation_id(self) -> str | None:
        """Which one it is, once something was asked."""
        return self._chat.conversation_id

    def take(self, content: Any) -> None:
        """What an output said. What it cannot mean is not heard."""
        match content:
            case {"type": "hello"}:
                self._begin(self._greet())
            case {"type": "refresh"}:
                self._begin(self.tell())
            case {"type": "replay", "message_id": str(message_id)}:
                for event in self._said.get(message_id, ()):
                    self._send({"type": "event", "message_id": message_id, "event": event})
            case {"type": "ask", "id": str(id), "text": str(text)}:
                self._begin(self._ask(id, text))
            case {"type": "stop"}:
                self._begin(self._stop(content.get("message_id")))
            case {"type": "choose", "message_id": str(message_id)}:
                self._begin(self._choose(message_id))
            case {"type": "model", "model": str(model)}:
                self._chat.use(model)
            case {"type": "formula", "tex": str(tex), "block": bool(block)}:
                self._begin(self._draw(tex, block))
            case {"type": "code", "code": str(code), "language": str(language)}:
                self._begin(self._colour(code, language))
            case _:
                pass

    def look(self) -> None:
        """Something was said in another way: have it shown."""
        self._begin(self.tell())

    async def turns(self) -> Turns:
        """What there is to be shown."""
        if (id := self._chat.conversation_id) is None:
            return ()
        try:
            path = await self._client.aio.messages(id)
        except NotFound:
            self._chat.conversation_id = None  # it was deleted: the next question begins another
            return ()
        return await asyncio.gather(*(self._turn(message) for message in path))

    async def tell(self) -> None:
        """Say how the conversation stands, and go on with answers that are being given."""
        turns = await self.turns()
        said = [
            {"shown": turn.shown.id, "messages": [message.model_dump(mode="json") for message in turn.messages]} for turn in turns
        ]
        self._send({"type": "state", "turns": said, "model": self._chat.model, "models": list(self._chat.models)})
        self._seen(turns)
        for message in (message for turn in turns for message in turn.messages):
            if message.status in _RUNNING and message.run_id and message.id not in self._said:
                self._said[message.id] = []  # here already: whoever looks next follows it no second time
                self._begin(self._follow(message.run_id, message.id))

    async def _turn(self, message: Message) -> Turn:
        if not self._chat.models or message.role != "assistant":
            return Turn(message, (message,))
        found = await asyncio.gather(*(self._beside(message, id) for id in message.sibling_ids))
        return Turn(message, tuple(filter(None, found)) or (message,))

    async def _beside(self, message: Message, id: str) -> Message | None:
        if id == message.id:
            return message
        try:
            return (await self._client.aio.messages(message.conversation_id, leaf=id, limit=1))[-1]
        except NotFound:  # it was deleted just now
            return None

    async def _greet(self) -> None:
        await self.tell()
        known: list[dict[str, str]] = []
        for pause in _AGAIN:
            await asyncio.sleep(pause)
            models = [model for model in await self._client.aio.models() if model.available]
            if (items := [{"id": model.id, "label": model.label or model.id} for model in models]) != known:
                known = items
                self._send({"type": "models", "items": items})

    async def _ask(self, id: str, text: str) -> None:
        try:
            if len(text) > LONGEST:
                raise Invalid(f"This is longer than {LONGEST:,} characters.", hint="Attach it as a file in the panel.")
            if self._chat.needs_python:
                self._send({"type": "heard", "id": id})
                await self._ask_here(text)
                return
            begun = await self._chat.begin(self._client.aio, text)
        except LLMHubError as exc:
            self._send({"type": "refused", "id": id, "error": words(exc)})
            return
        self._chat.conversation_id = next(iter(begun.runs.values())).conversation_id
        self._send({"type": "heard", "id": id})
        for at, exc in begun.refused.items():
            error = {**words(exc), "message": f"{self._chat.models[at]}: {exc.message}"}
            self._send({"type": "refused", "id": "", "error": error, "stays": True})
        await self.tell()

    async def _ask_here(self, text: str) -> None:
        """Its functions and schemas are run by whoever asks; the answer is shown when it is whole."""
        try:
            await asyncio.to_thread(self._chat.ask, text)
        except LLMHubError as exc:
            self._send({"type": "refused", "id": "", "error": words(exc), "text": text})

    async def _follow(self, run_id: str, message_id: str) -> None:
        said = self._said[message_id]
        try:
            async for event in self._client.aio.events(run_id):
                told = event.model_dump(mode="json")
                said.append(told)
                self._send({"type": "event", "message_id": message_id, "event": told})
        finally:
            del self._said[message_id]
        await self.tell()

    async def _stop(self, message_id: Any) -> None:
        """That answer; or all that are being given."""
        for run in await self._client.aio.runs(active=True):
            if run.conversation_id == self._chat.conversation_id and message_id in (None, run.message_id):
                with suppress(LLMHubError):
                    await self._client.aio.stop(run)

    async def _choose(self, message_id: str) -> None:
        if (id := self._chat.conversation_id) is not None:
            await self._client.aio.change_conversation(id, head_id=message_id)
            await self.tell()

    async def _draw(self, tex: str, block: bool) -> None:
        """A formula for a page that has no typesetter."""
        drawn = await asyncio.to_thread(mathml, tex, block=block)
        self._send({"type": "formula", "tex": tex, "block": block, "mathml": drawn})

    async def _colour(self, code: str, language: str) -> None:
        """Code for a page that has no lexers. Its pieces are text: nothing of it is read as HTML."""
        pieces = await asyncio.to_thread(coloured, code, language)
        self._send({"type": "code", "language": language, "pieces": pieces})

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._client.submit(self._safely(work))

    async def _safely(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as exc:  # a person waits at the other end, and nobody asks what became of this
            if not isinstance(exc, LLMHubError):
                _log.exception("A chat in an output failed.")
            self._send({"type": "refused", "id": "", "error": words(exc)})
