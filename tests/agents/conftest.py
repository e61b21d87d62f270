"""A registry over a real store, with a model that says what a test lets it say."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from llmhub.agents.notices import Notices
from llmhub.agents.runs import RunRegistry, RunRequest
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.values import RunRecord
from llmhub.errors import LLMHubError, ModelNotFound
from llmhub.identity import LOCAL
from llmhub.messages import TextPart
from llmhub.providers.base import Finished, ModelInfo, ModelRequest, ProviderEvent, Text, no_files


class Puppet:
    """A provider that says what is put into `lines`. It remembers its requests and whether its stream was closed."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[ProviderEvent | LLMHubError] = asyncio.Queue()
        self.requests: list[ModelRequest] = []
        self.open_streams = 0

    def say(self, *words: str) -> None:
        for word in words:
            self.lines.put_nowait(Text(word))

    def end(self, how: ProviderEvent | LLMHubError | None = None) -> None:
        self.lines.put_nowait(how or Finished("stop"))

    async def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        self.requests.append(request)
        self.open_streams += 1
        try:
            while True:
                line = await self.lines.get()
                if isinstance(line, LLMHubError):
                    raise line
                yield line
                if isinstance(line, Finished):
                    return
        finally:
            self.open_streams -= 1

    async def models(self) -> list[ModelInfo]:
        return []

    async def aclose(self) -> None: ...

    async def info(self, model: str) -> ModelInfo:
        if model == "lab/unknown":
            raise ModelNotFound("There is no model 'lab/unknown'.", model=model)
        return ModelInfo(id=model, label=model, provider="lab", kind="openai", context_window=1000)

    def resolve(self, model: str) -> str:
        return model

    async def default_model(self, rules: object = None) -> str | None:
        return "lab/default"


class Server:
    """What one Jupyter server has: a store on the shared data, a registry and a model."""

    def __init__(self, data: Path) -> None:
        self.model = Puppet()
        self.notices = Notices()
        self.store = ConversationStore(f"sqlite:///{data / 'llmhub.db'}", backups=data / "backups")
        self.runs = RunRegistry(
            self.store,
            self.model,
            self.model,
            lambda owner, file: no_files(file),
            self.notices,
            folder=data / "journal",
        )

    async def ask(self, conversation_id: str, text: str, parent_id: str | None = None, request_id: str = "") -> RunRecord:
        request = RunRequest(
            client_request_id=request_id or f"{text}-{os.urandom(4).hex()}", parent_id=parent_id, parts=(TextPart(text=text),)
        )
        return await self.runs.start(LOCAL, conversation_id, request)

    async def said(self, run: RunRecord, word: str) -> None:
        """Return when watchers have seen `word`."""
        async for frames in self.runs.watch(LOCAL, run.id):
            if any(word.encode() in frame.data for frame in frames):
                return

    async def ended(self, run: RunRecord) -> RunRecord:
        async for _ in self.runs.watch(LOCAL, run.id):
            pass
        return await self.runs.get(LOCAL, run.id)

    async def die(self) -> None:
        """What the operating system does at `kill -9`: tasks are gone and the journal's lock is free; nothing is stored."""
        await self.runs._journal.flush()
        os.close(self.runs._journal._fd or -1)
        self.runs._journal._fd = None

        async def store_nothing(*_: object) -> bool:
            return False

        self.runs._answering._store_answer = store_nothing  # type: ignore[method-assign]
        self.runs._answering.closing.set()
        for run in list(self.runs._runs.values()):
            run._journal = _Gone()  # type: ignore[assignment]
            if run.task is not None:
                run.task.cancel()
                await asyncio.wait([run.task])
        if self.runs._heart is not None:
            self.runs._heart.cancel()
        await self.store.aclose()


class _Gone:
    def append(self, frame: object, then: object) -> None: ...


StartServer = Callable[[], Server]


@pytest.fixture
async def start_server(tmp_path: Path) -> AsyncIterator[StartServer]:
    servers: list[Server] = []

    def start() -> Server:
        servers.append(Server(tmp_path))
        return servers[-1]

    yield start
    for server in servers:
        if not server.runs._answering.closing.is_set():
            await server.runs.aclose()
            await server.store.aclose()


@pytest.fixture
def server(start_server: StartServer) -> Server:
    return start_server()
