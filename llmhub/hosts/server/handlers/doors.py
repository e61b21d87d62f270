"""The doors for programs that know OpenAI's or Anthropic's API: `{base_url}llmhub/v1`. Nothing goes into the conversation store.

The surprise: a client that leaves cancels the very task that answers it, which closes the connection to the provider at once;
and pieces of an answer that come in one turn of the event loop leave as one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final, Protocol

from jupyter_server.auth.identity import IdentityProvider
from tornado import web
from tornado.iostream import StreamClosedError

from ....conversations.values import Source
from ....errors import AccessDenied, ContentRefused, Interrupted, LLMHubError, NotFound
from ....identity import Principal
from ....messages import FilePart, FinishReason, ImagePart, Part, ToolResultPart
from ....providers.base import Adapted, ModelRequest, ProviderEvent, closing
from ....providers.billing import Bill
from ...doors import anthropic_answer, openai_answer
from ...doors.adapted import adapted_header
from ...doors.anthropic_answer import MessageStream, message
from ...doors.anthropic_body import CountBody, MessagesBody, messages_request
from ...doors.failure import NOBODY, anthropic_error, openai_error
from ...doors.gathered import Gathered
from ...doors.openai_answer import ChatStream, completion
from ...doors.openai_body import ChatBody, chat_request
from ...doors.openai_embeddings import EmbeddingsBody, embeddings_list
from ...http import to_json
from ..handler import Handler
from ..kernel_access import KernelIdentity, Person
from ..openapi import doors_document
from ..operation import reads, writes

AWAKE: Final = 15.0
"""Seconds without a word after which a sign of life is sent. It opens the stream: from then on errors come inside it."""
_ERRORS: Final = (404, 429, 502, 504)
_PIECE: Final = 64 * 1024
"""Bytes that wait for a slow reader before the provider is let wait too."""


class Writer(Protocol):
    """Provider events → a foreign stream."""

    reason: FinishReason | None

    @property
    def awake(self) -> bytes:
        """A sign of life."""
        ...

    def take(self, event: ProviderEvent) -> bytes:
        """What an event means, if anything."""
        ...

    def end(self) -> bytes:
        """The end."""
        ...

    def fail(self, error: BaseException) -> bytes:
        """An error instead of the end."""
        ...

    def refused(self, error: LLMHubError) -> bool:
        """Whether the error is told by the reason for the end."""
        ...


class Door(Handler):
    """A route that answers as somebody else's API does."""

    awake = AWAKE

    def initialize(self) -> None:
        """Called by tornado before anything else."""
        super().initialize()
        self._kernel: KernelIdentity | None = None
        self._holder: Person | None = None
        self._asking: asyncio.Task[Any] | None = None
        self._is_gone = False
        self._is_open = False
        self._pieces: list[bytes] = []
        self._unsent = 0
        self._sent: Awaitable[None] | None = None
        self._is_due = False

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Take the token also as Anthropic's clients send it."""
        headers = self.request.headers
        if (key := headers.get("x-api-key")) and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {key}"
        given = headers.get("Authorization", "").partition(" ")[2].strip()
        if (holder := self.extension.kernels.holder(given)) is not None:
            self._kernel = KernelIdentity(holder)
            self._holder = holder
        await super().prepare(_redirect_to_login=_redirect_to_login)
        if self.needs_workspace and self.request.method != "OPTIONS":
            self.rules.check_feature("doors")
            if self._holder is not None and not self.rules.config.settings.kernel_access:
                self.extension.kernels.revoke_all()
                raise AccessDenied(
                    "Notebooks may no longer use the models here.",
                    hint="Allow it in the chat settings, then restart the kernel's notebook.",
                )

    @property
    def identity_provider(self) -> IdentityProvider:
        """The server's own, or for a kernel's key one that knows its holder."""
        return self._kernel or super().identity_provider

    @property
    def principal(self) -> Principal:
        """Who asks; for a kernel's key whoever owns the kernel."""
        return super().principal if self._holder is None else self._holder.principal

    @property
    def is_anthropic(self) -> bool:
        """Whether a client of Anthropic's asks: only those send their API's version."""
        return "anthropic-version" in self.request.headers

    def check_path(self, value: str) -> None:
        """A model's name may be anything."""

    def error_answer(self, error: BaseException, status: int) -> tuple[int, bytes]:
        """In the shape that the client knows."""
        if status == 403 and getattr(self, "_jupyter_current_user", None) is None and self.check_host():
            error = NOBODY
        status, body = (anthropic_error if self.is_anthropic else openai_error)(error, status)
        return status, to_json(body)

    def on_connection_close(self) -> None:
        """The client is gone: so is its question."""
        super().on_connection_close()
        self._is_gone = True
        if self._asking is not None:
            self._asking.cancel()

    async def gather(self, request: ModelRequest) -> Gathered:
        """The whole answer."""
        said = Gathered(request.model)
        async with self._answering(request) as events:
            try:
                async for event in events:
                    if isinstance(event, Adapted):
                        self._tell(event)
                    said.take(event)
            except LLMHubError as exc:
                if not self.forgives(said, exc):
                    raise
        if said.reason is None:
            raise _without_end(request.model)
        return said

    def forgives(self, said: Gathered, error: LLMHubError) -> bool:
        """Whether the error is told by the reason for the end."""
        return said.reason == "content_filter"

    async def stream(self, request: ModelRequest, writer: Writer) -> None:
        """The answer as it comes. An error before the first word is an answer of its own, with its own status."""
        beat = _Beat(self.awake, lambda: self._put(writer.awake))
        try:
            async with self._answering(request) as events:
                await self._pass_on(events, writer, request.model, beat)
                await self._drain()
        finally:
            beat.stop()
        self.end()

    async def _pass_on(self, events: AsyncIterator[ProviderEvent], writer: Writer, model: str, beat: _Beat) -> None:
        try:
            async for event in events:
                if isinstance(event, Adapted):
                    self._tell(event)
                elif piece := writer.take(event):
                    beat.is_heard = True
                    self._put(piece)
                    if self._unsent > _PIECE:
                        await self._drain()
            if writer.reason is None:
                raise _without_end(model)
            self._put(writer.end())
        except LLMHubError as exc:
            if writer.refused(exc):
                self._put(writer.end())
            elif not self._is_open:
                raise
            else:
                self._put(writer.fail(exc))
        except StreamClosedError:
            raise
        except Exception as exc:
            if not self._is_open:
                raise
            self.log_exception(type(exc), exc, exc.__traceback__)
            self._put(writer.fail(exc))

    @asynccontextmanager
    async def _answering(self, request: ModelRequest) -> AsyncGenerator[AsyncIterator[ProviderEvent]]:
        """The provider's events, until the client leaves. Meanwhile the server is in use."""
        self._asking = asyncio.current_task()
        self.extension.door_answers += 1
        try:
            if self._is_gone:
                raise web.Finish
            await self.workspace.runs.settle()
            async with closing(self.workspace.provider.stream(self._asked(request))) as events:
                yield events
        except asyncio.CancelledError:
            if not self._is_gone:
                raise
            assert self._asking is not None
            self._asking.uncancel()
            raise web.Finish from None
        except StreamClosedError:
            raise web.Finish from None
        finally:
            self._asking = None
            self.extension.door_answers -= 1
            self.extension.note_activity()

    def _asked(self, request: ModelRequest) -> ModelRequest:
        """The request with who asks. Raises `AccessDenied` for a model that they may not use, and for pictures where none may."""
        rules = self.rules
        rules.check_model(request.model)
        if any(_has_files(message.parts) for message in request.messages):
            rules.check_feature("attachments")
        bill = self._bill("anthropic" if self.is_anthropic else "openai", request.model)
        return replace(request, may_use=rules.may_use, user=self.principal.id, bill=bill)

    def _bill(self, source: Source, model: str) -> Bill:
        """Who asks pays; `X-LLMHub-Over-Ceiling: true` is their consent to spend more than they wanted to."""
        consented = self.request.headers.get("X-LLMHub-Over-Ceiling", "").strip().lower() in ("true", "1", "yes")
        limits = self.rules.config.settings.limits
        return self.workspace.runs.ledger.bill(self.principal.id, source, model, limits=limits, consented=consented)

    # ---- writing

    def _tell(self, event: Adapted) -> None:
        """Say in a header what the model gets otherwise than it was asked for: no field of these APIs has a place for it."""
        if not self._is_open:
            self.set_header("llmhub-adapted", adapted_header(event.items))

    def _put(self, piece: bytes) -> None:
        """Keep a piece until the event loop turns: what came at once leaves at once."""
        if not self._is_open:
            self._open()
        self._pieces.append(piece)
        self._unsent += len(piece)
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._send)

    def _open(self) -> None:
        self._is_open = True
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-cache, no-transform")
        self.set_header("X-Accel-Buffering", "no")  # nginx would collect the stream and deliver it at the end
        connection: Any = self.request.connection
        connection.stream.set_nodelay(True)  # else a piece waits until the one before is acknowledged

    def _send(self) -> None:
        self._is_due = False
        pieces, self._pieces = self._pieces, []
        if pieces and not self._is_gone and not self.is_answered:
            self.say(b"".join(pieces))
            self._sent = self.flush()

    async def _drain(self) -> None:
        """Return when the socket has taken everything."""
        self._send()
        if self._sent is not None:
            await self._sent
        self._unsent = 0


class _Beat:
    """Calls `say` whenever nothing was heard for a while."""

    def __init__(self, seconds: float, say: Any) -> None:
        self.is_heard = False
        self._seconds = seconds
        self._say = say
        self._timer = asyncio.get_running_loop().call_later(seconds, self._strike)

    def stop(self) -> None:
        """No more."""
        self._timer.cancel()

    def _strike(self) -> None:
        if not self.is_heard:
            self._say()
        self.is_heard = False
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._strike)


def _without_end(model: str) -> Interrupted:
    return Interrupted("The answer stopped without an end.", hint="Try again.", model=model)


# ---- routes


class ModelsHandler(Door):
    """All of them."""

    @reads("The models that can be asked now", answer=dict[str, Any])
    async def get(self) -> dict[str, Any]:
        """As OpenAI lists them, or Anthropic for its own clients."""
        may_use = self.rules.may_use
        models = [model for model in await self.workspace.router.models() if may_use(model.id)]
        return (anthropic_answer if self.is_anthropic else openai_answer).models_list(models)


class ModelHandler(Door):
    """One of them."""

    @reads("One model", answer=dict[str, Any], errors=(404,))
    async def get(self, model: str) -> dict[str, Any]:
        """A model that no list knows may exist all the same."""
        self.rules.check_model(model)
        info = await self.workspace.router.info(model)
        return (anthropic_answer if self.is_anthropic else openai_answer).model_of(info)


class ChatHandler(Door):
    """OpenAI's chat completions."""

    @writes("Answer a conversation, as OpenAI's chat completions do", body=ChatBody, answer=dict[str, Any], errors=_ERRORS)
    async def post(self, body: ChatBody) -> dict[str, Any] | None:
        """With `stream`: server-sent events."""
        request = chat_request(body)
        if not body.stream:
            return completion(await self.gather(request))
        include_usage = bool(body.stream_options and body.stream_options.include_usage)
        await self.stream(request, ChatStream(body.model, include_usage=include_usage))
        return None


class EmbeddingsHandler(Door):
    """OpenAI's embeddings."""

    @writes("Make vectors of texts", body=EmbeddingsBody, answer=dict[str, Any], errors=_ERRORS)
    async def post(self, body: EmbeddingsBody) -> dict[str, Any]:
        """By the provider's own embedding models."""
        self.rules.check_model(body.model)
        bill = self._bill("embeddings", body.model)
        found = await self.workspace.router.embed(body.model, body.texts(), dimensions=body.dimensions, bill=bill)
        return embeddings_list(body, found)


class MessagesHandler(Door):
    """Anthropic's messages."""

    @property
    def is_anthropic(self) -> bool:
        """Nobody else asks here."""
        return True

    @writes("Answer a conversation, as Anthropic's messages do", body=MessagesBody, answer=dict[str, Any], errors=(*_ERRORS, 529))
    async def post(self, body: MessagesBody) -> dict[str, Any] | None:
        """With `stream`: server-sent events."""
        request = messages_request(body)
        if not body.stream:
            return message(await self.gather(request))
        await self.stream(request, MessageStream(body.model))
        return None

    def forgives(self, said: Gathered, error: LLMHubError) -> bool:
        """This API has a reason for the end where a model refuses, also before the first word."""
        if isinstance(error, ContentRefused):
            said.reason = "content_filter"
        return said.reason == "content_filter"


class CountHandler(Door):
    """Anthropic's counting of tokens."""

    @property
    def is_anthropic(self) -> bool:
        """Nobody else asks here."""
        return True

    @writes("How many tokens a request has, before it is sent", body=CountBody, answer=dict[str, int], errors=_ERRORS)
    async def post(self, body: CountBody) -> dict[str, int]:
        """As its provider counts, where that can; else our estimate. `llmhub-counted-by` says which."""
        self.rules.check_model(body.model)
        request = replace(messages_request(body), user=self.principal.id)
        tokens, is_exact = await self.workspace.router.count(request)
        self.set_header("llmhub-counted-by", "provider" if is_exact else "estimate")
        return {"input_tokens": tokens}


class DocumentHandler(Door):
    """OpenAPI 3.1."""

    needs_workspace = False

    @reads("This document", answer=dict[str, Any])
    async def get(self) -> dict[str, Any]:
        """What is taken at the doors; OpenAI and Anthropic say what comes back."""
        return doors_document(self.base_url)


class UnknownHandler(Door):
    """Whatever else such a program asks for."""

    needs_workspace = False

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Authenticated first: nobody learns anything from the difference."""
        await super().prepare()
        hint = "There are models, chat/completions, embeddings and messages."
        raise NotFound(f"llmhub has no {self.request.path[:200]!r}.", hint=hint)


def _has_files(parts: Sequence[Part]) -> bool:
    return any(
        isinstance(part, ImagePart | FilePart) or (isinstance(part, ToolResultPart) and _has_files(part.parts)) for part in parts
    )
