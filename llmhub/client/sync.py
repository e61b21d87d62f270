"""`Client`: `AsyncClient` for who types without `await`. Its loop runs in a thread, so it works inside a notebook's loop too."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from functools import wraps
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar

from .aio import AsyncClient

P = ParamSpec("P")
R = TypeVar("R")
_CLEANING_UP: Final = 5.0
"""Seconds that an interrupt, or who hangs up, waits for what is being stopped."""


def _waiting(method: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, R]]) -> Callable[Concatenate[Client, P], R]:
    @wraps(method)
    def call(self: Client, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.do(method(self.aio, *args, **kwargs))

    return call


def _iterating(method: Callable[Concatenate[AsyncClient, P], AsyncGenerator[R]]) -> Callable[Concatenate[Client, P], Iterator[R]]:
    @wraps(method)
    def call(self: Client, *args: P.args, **kwargs: P.kwargs) -> Iterator[R]:
        return self._each(method(self.aio, *args, **kwargs))  # pyright: ignore[reportPrivateUsage]

    return call


class Client:
    """`with Client() as hub: print(hub.ask("Hello").text)`. Methods and arguments are those of `AsyncClient`, but for its `rows`.

    What gives an iterator there gives one here. An interrupt (Ctrl-C) while `ask` waits stops the run.
    """

    def __init__(
        self, url: str | None = None, token: str | None = None, *, timeout: float = 60.0, env: Mapping[str, str] | None = None
    ) -> None:
        self._begin(AsyncClient(url, token, timeout=timeout, env=env))

    @classmethod
    def over(cls, client: AsyncClient) -> Client:
        """The same with a client that was made already, and never used in a loop."""
        made = cls.__new__(cls)
        made._begin(client)
        return made

    def _begin(self, client: AsyncClient) -> None:
        self.aio = client
        """The client behind this one, for coroutines that are handed to `submit`."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up and end the thread, and whatever was submitted. Runs go on: they belong to the server."""
        with self._starting:
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._end(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()
            loop.close()

    server_url = _waiting(AsyncClient.server_url)
    ask = _waiting(AsyncClient.ask)
    stream = _iterating(AsyncClient.stream)
    start_run = _waiting(AsyncClient.start_run)
    wait = _waiting(AsyncClient.wait)
    events = _iterating(AsyncClient.events)
    run = _waiting(AsyncClient.run)
    runs = _waiting(AsyncClient.runs)
    stop = _waiting(AsyncClient.stop)
    conversations = _iterating(AsyncClient.conversations)
    conversation = _waiting(AsyncClient.conversation)
    create_conversation = _waiting(AsyncClient.create_conversation)
    change_conversation = _waiting(AsyncClient.change_conversation)
    delete_conversation = _waiting(AsyncClient.delete_conversation)
    messages = _waiting(AsyncClient.messages)
    message = _waiting(AsyncClient.message)
    delete_message = _waiting(AsyncClient.delete_message)
    usage = _waiting(AsyncClient.usage)
    context = _waiting(AsyncClient.context)
    tree = _waiting(AsyncClient.tree)
    search = _waiting(AsyncClient.search)
    mentions = _waiting(AsyncClient.mentions)
    default_model = _waiting(AsyncClient.default_model)
    complete = _waiting(AsyncClient.complete)
    completion = _iterating(AsyncClient.completion)
    save_message = _waiting(AsyncClient.save_message)
    models = _waiting(AsyncClient.models)
    put_file = _waiting(AsyncClient.put_file)
    file = _waiting(AsyncClient.file)
    export = _waiting(AsyncClient.export)
    export_all = _waiting(AsyncClient.export_all)
    import_file = _waiting(AsyncClient.import_file)
    imported = _waiting(AsyncClient.imported)

    # ---- the thread

    def submit(self, work: Coroutine[Any, Any, R]) -> Future[R]:
        """Have something done in this client's loop, and do not wait."""
        return asyncio.run_coroutine_threadsafe(work, self._running())

    def do(self, work: Coroutine[Any, Any, R]) -> R:
        """Have something done in this client's loop, and wait for it. An interrupt cancels it, even one that comes as it begins."""
        doing = _Doing(work)
        try:
            return self.submit(doing.run()).result()
        except BaseException:
            if not doing.over.is_set():  # an interrupt here: the other side cleans up, which stops an answer under way
                self._running().call_soon_threadsafe(doing.stop)
                doing.over.wait(_CLEANING_UP)
            raise

    def _each(self, values: AsyncGenerator[R]) -> Iterator[R]:
        try:
            while item := self.do(_next(values)):
                yield item[0]
        finally:
            self.do(values.aclose())

    async def _end(self) -> None:
        """Nothing is left half done: neither what was submitted nor what the collector of garbage is closing."""
        for task in _others():
            task.cancel()
        await _rest()
        await asyncio.get_running_loop().shutdown_asyncgens()
        await self.aio.aclose()
        await _rest()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=loop.run_forever, name="llmhub client", daemon=True)
                self._thread.start()
                self._loop = loop
            return self._loop


class _Doing(Generic[R]):
    """What is done in the loop for somebody who waits for it in another thread."""

    def __init__(self, work: Coroutine[Any, Any, R]) -> None:
        self._work = work
        self._task: asyncio.Task[Any] | None = None
        self._stopped = False
        self.over = threading.Event()

    async def run(self) -> R:
        """It. In the loop."""
        try:
            if self._stopped:
                self._work.close()
                raise asyncio.CancelledError
            self._task = asyncio.current_task()
            return await self._work
        finally:
            self.over.set()

    def stop(self) -> None:
        """Cancel it, if it has begun; else it does not begin. In the loop."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()
        else:
            self.over.set()


async def _next(values: AsyncGenerator[R]) -> tuple[R] | tuple[()]:
    try:
        return (await anext(values),)
    except StopAsyncIteration:
        return ()


async def _rest() -> None:
    """The end of all others; for a moment, as one may not hear that it is cancelled."""
    await asyncio.wait([asyncio.gather(*_others(), return_exceptions=True)], timeout=_CLEANING_UP)


def _others() -> set[asyncio.Task[Any]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
