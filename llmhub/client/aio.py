"""`AsyncClient`: llmhub's API as coroutines. `Client` is the same without `await`."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from ..errors import Invalid, LLMHubError, Unreachable, from_words
from ..events import Event, Progressed, RunFinished, TextDelta, event_adapter
from ..ids import new_id
from ..messages import FilePart, FinishReason, ImagePart, Message, Part, TextPart
from .find import server_at
from .rows import Complete, over
from .values import Answer, Conversation, Hit, Hits, ImportResult, Mention, Model, Node, Progress, Run, StoredFile
from .wire import Way, Wire, read_events

Format = Literal["ipynb", "json", "md", "html"]
SUFFIXES: Final[Mapping[str, Format]] = {".ipynb": "ipynb", ".json": "json", ".md": "md", ".html": "html", ".htm": "html"}
"""Which format the end of a file's name means."""
Question = str | Sequence[Part]
"""What is asked: Markdown, or parts (text, images, files, quotes)."""
Heard = Callable[[Progress], None]
"""Who is told how far an import or an export is."""
Values = TypeVar("Values", bound=BaseModel)

ROOT: Final = ""
"""As `parent_id`: at the beginning of the conversation, beside what begins it now."""
_DOOR: Final = "llmhub/v1/chat/completions"
_COUNTED: Final = ("imported", "updated", "unchanged")
_SILENCE: Final = 45.0
"""Seconds without a word after which a stream counts as dead: the server says something every 15."""
_READING: Final = 3600.0
"""Seconds for which a server may look into a large file before it says what is in it."""
_WAITS: Final = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0)
"""Seconds before a stream that broke is taken up again; what comes starts the count anew."""


class AsyncClient:
    """`async with AsyncClient() as hub: answer = await hub.ask("Hello")`.

    `url` and `token` are those of the Jupyter server (also as `http://host:8888/lab?token=...`); without them the one is taken
    that `LLMHUB_SERVER` names, that this kernel, terminal or hub belongs to, or that runs on this machine. Failures are
    `llmhub.LLMHubError`s: `Unreachable` where there is no server, else what the server says. `timeout` in seconds, of silence.
    `many`: there will be many requests at once.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 60.0,
        env: Mapping[str, str] | None = None,
        many: bool = False,
    ) -> None:
        self._wire: Way = Wire(None if url is None else server_at(url, token), timeout, env, many=many)

    @classmethod
    def over(cls, way: Way) -> AsyncClient:
        """The same client on another way to an llmhub."""
        made = cls.__new__(cls)
        made._wire = way
        return made

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Hang up. Runs go on: they belong to the server."""
        await self._wire.aclose()

    async def server_url(self) -> str:
        """The base address of the Jupyter server."""
        return await self._wire.address()

    # ---- asking

    async def ask(
        self,
        question: Question,
        *,
        conversation: str | None = None,
        model: str | None = None,
        params: Mapping[str, Any] | None = None,
        files: Sequence[str | Path] = (),
        temporary: bool = False,
    ) -> Answer:
        """The whole answer. Without `conversation` a new one begins (`temporary`: one that is not kept).

        With it the question goes below its last message. `params`: `system`, `temperature`, `json_schema`, ... `files` are read
        here and go along. Raises the error that an answer failed with; one that was stopped is given as far as it came. When
        this coroutine is cancelled, the run is stopped.
        """
        run = await self.start_run(
            question, conversation=conversation, model=model, params=params, files=files, temporary=temporary
        )
        return await self.wait(run)

    async def stream(
        self,
        question: Question,
        *,
        conversation: str | None = None,
        model: str | None = None,
        params: Mapping[str, Any] | None = None,
        files: Sequence[str | Path] = (),
        temporary: bool = False,
    ) -> AsyncGenerator[str]:
        """The words of the answer as they come; otherwise like `ask`. Whoever leaves early stops the run."""
        run = await self.start_run(
            question, conversation=conversation, model=model, params=params, files=files, temporary=temporary
        )
        ended = False
        try:
            async with aclosing(self.events(run)) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        yield event.text
                    elif isinstance(event, RunFinished):
                        ended = True
                        _raise_if_failed(event)
        finally:
            if not ended:
                await self._give_up(run)

    async def start_run(
        self,
        question: Question | None,
        *,
        conversation: str | None = None,
        parent_id: str | None = None,
        model: str | None = None,
        params: Mapping[str, Any] | None = None,
        files: Sequence[str | Path] = (),
        temporary: bool = False,
        instruction: str | None = None,
        client_request_id: str | None = None,
        head: bool = True,
    ) -> Run:
        """Ask, and do not wait. `parent_id`: the message below which to ask, or `ROOT`; `question` None: have it answered again.

        `instruction` is said to the model after the question, for this answer only; at most 2,000 characters. `head` False: the
        branch that is shown stays (another answer beside the one that was asked for first).
        """
        message = None if question is None else {"parts": [*_parts(question), *[await self._attach(file) for file in files]]}
        below = parent_id
        made = None
        if conversation is None:
            conversation = made = (await self.create_conversation(temporary=temporary)).id
        elif below is None:
            below = (await self.conversation(conversation)).head_id
        body = {
            "client_request_id": client_request_id or new_id(),
            "parent_id": below or None,
            "message": message,
            "model": model,
            "params": None if params is None else dict(params),
            "instruction": instruction,
            "head": head,
        }
        posting = asyncio.ensure_future(self._wire.json("POST", f"conversations/{conversation}/runs", json=body))
        try:
            said = await asyncio.shield(posting)
        except asyncio.CancelledError:  # the server may have begun: nobody would ever stop it
            with suppress(LLMHubError):
                await self._give_up((await posting)["run_id"])
            raise
        except LLMHubError:
            if made is not None:  # nothing was asked in it
                with suppress(LLMHubError):
                    await self.delete_conversation(made)
            raise
        return Run.model_validate({**said, "conversation_id": conversation, "model": model})

    async def wait(self, run: Run | str) -> Answer:
        """The answer of a run when it has ended. Raises the error that it failed with."""
        try:
            async with aclosing(self.events(run)) as events:
                async for event in events:
                    if isinstance(event, RunFinished):
                        _raise_if_failed(event)
        except asyncio.CancelledError:
            await self._give_up(run)
            raise
        found = await self.run(_id(run))
        return Answer(conversation_id=found.conversation_id, run_id=found.run_id, message=await self.message(found))

    async def events(self, run: Run | str, *, after: int = 0) -> AsyncGenerator[Event]:
        """Everything that a run says, from its first word (or behind number `after`) to `run.finished`.

        A connection that breaks is taken up again where it broke. Raises `Unreachable` when that fails for good.
        """
        failures = 0
        while True:
            try:
                path = f"runs/{_id(run)}/events"
                async with self._wire.stream("GET", path, params={"after": after}, timeout=_SILENCE) as answer:
                    buffer = bytearray()
                    async for piece in answer.aiter_bytes():
                        buffer += piece
                        for _, data in read_events(buffer):
                            event = _event(data)
                            if event is None:
                                continue
                            failures, after = 0, event.seq
                            yield event
                            if isinstance(event, RunFinished):
                                return
                if (await self.run(_id(run))).status not in ("running", "waiting"):
                    return  # nothing is left to say behind `after`
                raise Unreachable("The server ended the stream in the middle of an answer.", hint="Look at the conversation again.")
            except Unreachable:
                if failures == len(_WAITS):
                    raise
                await asyncio.sleep(_WAITS[failures])
                failures += 1

    async def run(self, run_id: str) -> Run:
        """How a run stands."""
        return Run.model_validate(await self._wire.json("GET", f"runs/{run_id}"))

    async def runs(self, *, active: bool | None = None) -> list[Run]:
        """Runs, newest first."""
        return [run async for run in self._pages("runs", Run, {"active": active})]

    async def stop(self, run: Run | str) -> Run:
        """Stop a run; what was said stays."""
        return Run.model_validate(await self._wire.json("POST", f"runs/{_id(run)}/stop"))

    # ---- conversations

    def conversations(
        self,
        *,
        query: str | None = None,
        folder_id: str | None = None,
        tag: str | None = None,
        pinned: bool | None = None,
        archived: bool | None = None,
    ) -> AsyncGenerator[Conversation]:
        """All conversations, newest turn first, fetched as they are asked for. `query`: part of the title."""
        asked = {"query": query, "folder_id": folder_id, "tag": tag, "pinned": pinned, "archived": archived}
        return self._pages("conversations", Conversation, asked)

    async def conversation(self, conversation_id: str) -> Conversation:
        """One of them, without its messages."""
        return Conversation.model_validate(await self._wire.json("GET", f"conversations/{conversation_id}"))

    async def create_conversation(
        self,
        *,
        title: str | None = None,
        model: str | None = None,
        folder_id: str | None = None,
        params: Mapping[str, Any] | None = None,
        temporary: bool = False,
        client_request_id: str | None = None,
    ) -> Conversation:
        """A new one, without messages. A temporary one is in no list and is gone with the server.

        The same `client_request_id` again gives the one that it made before.
        """
        draft: dict[str, Any] = {
            "client_request_id": client_request_id or new_id(),
            "title": title,
            "model": model,
            "folder_id": folder_id,
            "params": None if params is None else dict(params),
            "temporary": temporary,
        }
        return Conversation.model_validate(await self._wire.json("POST", "conversations", json=draft))

    async def change_conversation(self, conversation_id: str, **changes: Any) -> Conversation:
        """Other `title`, `head_id`, `folder_id`, `tags`, `pinned`, `archived`, `unread`, `model` or `params`."""
        return Conversation.model_validate(await self._wire.json("PATCH", f"conversations/{conversation_id}", json=changes))

    async def delete_conversation(self, conversation_id: str) -> None:
        """Gone for good, with everything in it."""
        await self._wire.json("DELETE", f"conversations/{conversation_id}")

    # ---- messages

    async def messages(self, conversation_id: str, *, leaf: str | None = None, limit: int | None = None) -> list[Message]:
        """The path from the root to `leaf` (default: the head); of a longer one the last `limit`."""
        params = {"leaf": leaf, "limit": limit}
        said = await self._wire.json("GET", f"conversations/{conversation_id}/messages", params=params)
        return [_message(item) for item in said["items"]]

    async def message(self, run: Run) -> Message:
        """The answer of a run, as far as it has come."""
        said = await self._wire.json(
            "GET", f"conversations/{run.conversation_id}/messages", params={"leaf": run.message_id, "limit": 1}
        )
        return _message(said["items"][-1])

    async def delete_message(self, conversation_id: str, message_id: str) -> None:
        """Take a message away with everything beneath it."""
        await self._wire.json("DELETE", f"conversations/{conversation_id}/messages/{message_id}")

    async def usage(self, conversation_id: str) -> dict[str, Any]:
        """Tokens and cost of a conversation: `conversation`, `branch` and `messages`, as JSON."""
        return await self._wire.json("GET", f"conversations/{conversation_id}/usage")

    async def context(self, conversation_id: str, *, model: str | None = None, leaf: str | None = None) -> dict[str, Any]:
        """What the next request would hold before anything is written, in tokens by part, as JSON."""
        return await self._wire.json("GET", f"conversations/{conversation_id}/context", params={"model": model, "leaf": leaf})

    async def tree(self, conversation_id: str) -> list[Node]:
        """Every message without its body."""
        return _values(Node, (await self._wire.json("GET", f"conversations/{conversation_id}/tree"))["items"])

    async def search(self, q: str, *, limit: int | None = None, **where: Any) -> Hits:
        """Messages and titles that fit, best first. `where`: `role`, `model`, `after`, `before`, `folder_id`, `conversation_id`."""
        found = await self._wire.json("GET", "search", params={"q": q, "limit": limit, **where})
        notes = [str(note["message"]) for note in found.get("notes", ())]
        if late := found.get("unindexed"):
            notes.append(f"{late:,} older {'message is' if late == 1 else 'messages are'} still being indexed.")
        return Hits(_values(Hit, found["items"]), notes)

    async def mentions(self, conversation_id: str, q: str, *, leaf: str | None = None) -> list[Mention]:
        """Where a text stands in a conversation letter by letter, in the order of the path to `leaf` (default: the head)."""
        found = await self._wire.json("GET", f"conversations/{conversation_id}/mentions", params={"q": q, "leaf": leaf})
        return _values(Mention, found["items"])

    # ---- models, files

    async def default_model(self) -> str:
        """The model that answers where none is named. Raises `Invalid` if there is none."""
        named = (await self._wire.json("GET", "config")).get("default_model")
        if named:
            return str(named)
        for model in await self.models():
            if model.available:
                return model.id
        raise Invalid("No model is chosen.", hint="Name one, or set default_model in llmhub.yaml.")

    async def complete(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """An answer through the door that speaks OpenAI's protocol (docs/doors.md): nothing is kept but what it cost."""
        address = await self._wire.address()
        answer = await self._wire.send("POST", f"{address}{_DOOR}", silence=_READING, json={**body, "stream": False})
        return answer.json()

    @asynccontextmanager
    async def rows(self) -> AsyncGenerator[Complete]:
        """`complete` for many bodies at once, over one connection where the server has one: a third of the work here."""
        socket = await self._wire.socket("rows")
        if socket is None:
            yield self.complete
            return
        async with over(socket, self.complete) as complete:
            yield complete

    async def completion(self, body: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any]]:
        """The same as chunks, while it comes. Raises what the answer failed with."""
        address = await self._wire.address()
        asked = {**body, "stream": True, "stream_options": {"include_usage": True}}
        async with self._wire.stream("POST", f"{address}{_DOOR}", json=asked, timeout=_SILENCE) as answer:
            buffer = bytearray()
            async for piece in answer.aiter_bytes():
                buffer += piece
                for _, data in read_events(buffer):
                    if data == b"[DONE]":
                        return
                    chunk: dict[str, Any] = json.loads(data)
                    if "error" in chunk:
                        raise from_words(chunk["error"])
                    yield chunk
        raise Unreachable("The server ended the stream in the middle of an answer.", hint="Ask again.")

    async def save_message(
        self,
        conversation_id: str,
        role: Literal["user", "assistant"],
        parts: Question,
        *,
        parent_id: str | None = None,
        model: str | None = None,
        finish_reason: FinishReason | None = None,
    ) -> Message:
        """Put a message below `parent_id` (None: at the beginning) without asking any model.

        Of an answer `model` says whose it was, and `finish_reason` why it ended.
        """
        told = {"model": model, "finish_reason": finish_reason}
        draft = {"client_request_id": new_id(), "parent_id": parent_id, "role": role, "parts": _parts(parts), **told}
        return _message(await self._wire.json("POST", f"conversations/{conversation_id}/messages", json=draft))

    async def models(self) -> list[Model]:
        """Every model that can be named, those included that lack a key."""
        return _values(Model, (await self._wire.json("GET", "models"))["items"])

    async def put_file(self, file: str | Path | bytes, *, name: str | None = None, media_type: str | None = None) -> StoredFile:
        """Store a file, for parts of messages."""
        data = file if isinstance(file, bytes) else await asyncio.to_thread(Path(file).read_bytes)
        name = name or ("file" if isinstance(file, bytes) else Path(file).name)
        kind = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"X-File-Name": quote(name), "Content-Type": kind}
        return StoredFile.model_validate((await self._wire.send("POST", "files", content=data, headers=headers)).json())

    async def file(self, file_id: str) -> bytes:
        """The bytes of a stored file."""
        return (await self._wire.send("GET", f"files/{file_id}")).content

    # ---- in and out

    async def export(self, conversation_id: str, format: Format = "json", **options: Any) -> bytes:
        """One conversation as a file. `options`: `leaf`, `branches` ("path" or "all"), `only`, `prompts`, `answers`."""
        asked = {"format": format, **options}
        return (await self._wire.send("GET", f"conversations/{conversation_id}/export", params=asked)).content

    async def export_all(
        self, to: str | Path | BinaryIO, format: Format = "json", *, progress: Heard | None = None, **options: Any
    ) -> int:
        """Write a zip of all conversations and their files to a path, or into an open file; gives its size in bytes.

        A path is there when the zip is whole, not before. `progress` hears how far it is, in a thread of the client's.
        """
        asked = {"format": format, **options}
        if not isinstance(to, str | Path):
            return await self._export(to, asked, progress)
        path = Path(to)
        part = path.with_name(f"{path.name}.{new_id()[-12:]}.part")
        try:
            with await asyncio.to_thread(part.open, "xb") as file:
                size = await self._export(file, asked, progress)
            await asyncio.to_thread(part.replace, path)
            return size
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def import_file(
        self, file: str | Path, *, dry_run: bool = False, progress: Heard | None = None
    ) -> dict[str, Any] | ImportResult:
        """Bring in an export of another product, or one of llmhub's. `dry_run`: only say what would come in (as JSON).

        `progress` hears how far it is, in a thread of the client's. When this coroutine is cancelled, the import is stopped; what
        has come in stays, and a second time brings the rest.
        """
        path = Path(file)
        with await asyncio.to_thread(path.open, "rb") as opened:
            sent = opened if progress is None else Sent(opened, progress)
            upload = {"file": (path.name, sent, "application/octet-stream")}
            params = {"dry_run": dry_run or None}
            sending = asyncio.ensure_future(self._wire.send("POST", "import", silence=_READING, files=upload, params=params))
            try:
                answer = await asyncio.shield(sending)
            except asyncio.CancelledError:
                if dry_run or opened.tell() < os.fstat(opened.fileno()).st_size:
                    sending.cancel()  # half a file is thrown away there
                    await asyncio.wait([sending])
                else:  # it may have begun: nobody would ever stop it
                    with suppress(LLMHubError):
                        await self._give_up_import((await sending).json()["run_id"], progress)
                raise
        said = answer.json()
        if dry_run:
            return said
        try:
            return await self.imported(said["run_id"], progress=progress)
        except asyncio.CancelledError:
            await self._give_up_import(said["run_id"], progress)
            raise

    async def imported(self, run_id: str, *, progress: Heard | None = None) -> ImportResult:
        """What an import brought in, when it is through; one that somebody stopped says so. `progress` as in `import_file`.

        Raises what it failed with, or `Interrupted` where its server went away; `details["result"]` is what had come in by then.
        """
        async with aclosing(self.events(run_id)) as events:
            async for event in events:
                if isinstance(event, Progressed) and progress is not None:
                    progress(_far(event.result, event.fraction))
                if isinstance(event, RunFinished):
                    return _came_in(event)
        return ImportResult()

    # ---- steps

    async def _give_up(self, run: Run | str) -> None:
        with suppress(LLMHubError):
            await self.stop(run)

    async def _give_up_import(self, run_id: str, progress: Heard | None) -> None:
        with suppress(LLMHubError):
            stopped = await self._wire.json("POST", f"runs/{run_id}/stop")
            if progress is not None:
                result: dict[str, Any] = stopped.get("result") or {}
                progress(_far({**result, "failures": len(result.get("failed", ()))}, None))

    async def _pages(self, path: str, kind: type[Values], params: Mapping[str, Any]) -> AsyncGenerator[Values]:
        cursor: str | None = None
        while True:
            page = await self._wire.json("GET", path, params={**params, "limit": 100, "cursor": cursor})
            for item in page["items"]:
                yield kind.model_validate(item)
            cursor = page["next"]
            if cursor is None:
                return

    async def _export(self, file: BinaryIO, asked: Mapping[str, Any], progress: Heard | None) -> int:
        """Download everything, with somebody beside who hears how far the server is."""
        if progress is None:
            return await self._download(file, asked, None)
        try:
            run_id = (await self._wire.json("POST", "export", json=dict(asked)))["run_id"]
        except LLMHubError:  # an older server, or one that lets us only read: without knowing how far it is
            return await self._download(file, asked, lambda size: progress(Progress(stage="exporting", size=size)))
        size = 0

        async def follow() -> None:
            with suppress(LLMHubError):
                async for event in self.events(run_id):
                    if isinstance(event, Progressed):
                        done, of = int(event.result.get("conversations", 0)), event.result.get("of")
                        progress(Progress(stage="exporting", fraction=event.fraction, conversations=done, of=of, size=size))

        def came(now: int) -> None:
            nonlocal size
            size = now

        following = asyncio.create_task(follow())
        try:
            whole = await self._download(file, {**asked, "run_id": run_id}, came)
            progress(Progress(stage="exporting", fraction=1.0, size=whole))
            return whole
        except asyncio.CancelledError:
            await self._give_up(run_id)
            raise
        finally:
            following.cancel()
            await asyncio.wait([following])

    async def _download(self, file: BinaryIO, params: Mapping[str, Any], came: Callable[[int], None] | None) -> int:
        size = 0
        async with self._wire.stream("GET", "export", params=params) as answer:
            async for piece in answer.aiter_bytes():
                await asyncio.to_thread(file.write, piece)
                size += len(piece)
                if came is not None:
                    came(size)
        return size

    async def _attach(self, file: str | Path) -> dict[str, Any]:
        stored = await self.put_file(file)
        if stored.media_type.startswith("image/"):
            return ImagePart(file_id=stored.id, media_type=stored.media_type).model_dump(mode="json", exclude_none=True)
        return FilePart(file_id=stored.id, name=stored.name, media_type=stored.media_type).model_dump(
            mode="json", exclude_none=True
        )


class Sent:
    """A file that says how much of it has been read, to be sent."""

    def __init__(self, file: BinaryIO, progress: Heard) -> None:
        self._file = file
        self._progress = progress
        self._size = os.fstat(file.fileno()).st_size
        self._sent = 0

    def read(self, size: int = -1) -> bytes:
        """Some more."""
        data = self._file.read(size)
        self._sent += len(data)
        fraction = min(1.0, self._sent / self._size) if self._size else 1.0
        if data:
            self._progress(Progress(stage="sending", fraction=fraction, size=self._sent))
        else:
            self._progress(Progress(stage="reading", size=self._sent))
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """To the beginning, before it is sent."""
        self._sent = 0
        return self._file.seek(offset, whence)

    def fileno(self) -> int:
        """By which its size is known."""
        return self._file.fileno()


def _far(so_far: Mapping[str, Any], fraction: float | None) -> Progress:
    """How far an import is, as its events say."""
    count = sum(int(so_far.get(name, 0)) for name in _COUNTED)
    return Progress(stage="importing", fraction=fraction, conversations=count, failed=int(so_far.get("failures", 0)))


def _came_in(event: RunFinished) -> ImportResult:
    """What an import brought in, as its last event says. Raises what it failed with."""
    result = event.result or {}
    if event.status in ("failed", "interrupted") and event.error:
        error = from_words(event.error.model_dump())
        error.details = {**error.details, "result": {name: result.get(name, 0) for name in _COUNTED}}
        raise error
    return ImportResult.model_validate({**result, "stopped": event.status == "stopped"})


def _id(run: Run | str) -> str:
    return run if isinstance(run, str) else run.run_id


def _raise_if_failed(event: RunFinished) -> None:
    if event.status == "failed" and event.error:
        raise from_words(event.error.model_dump())


def _parts(question: Question) -> list[dict[str, Any]]:
    parts = [TextPart(text=question)] if isinstance(question, str) else question
    if not parts or (isinstance(question, str) and not question.strip()):
        raise Invalid("The question is empty.", hint="Say something.")
    return [part.model_dump(mode="json", exclude_none=True) for part in parts]


def _values(kind: type[Values], items: Sequence[Any]) -> list[Values]:
    return [kind.model_validate(item) for item in items]


def _message(said: Any) -> Message:
    return Message.model_validate(said, extra="ignore")


def _event(data: bytes) -> Event | None:
    """None for one of a kind that only a newer server knows."""
    try:
        return event_adapter.validate_json(data, extra="ignore")
    except ValidationError:
        return None
