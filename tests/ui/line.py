"""The network between a browser and a server: it can be cut, or fall silent without anybody noticing."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Line:
    """`async with Line(server.port) as line: await arrive(line.url)`; then `cut()`, `hush()` and `mend()`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open = True
        self._talks: set[_Talk] = set()
        self._server: asyncio.Server | None = None
        self.url = ""

    async def __aenter__(self) -> Line:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self.cut()
        self._server.close()
        if self._talks:
            await asyncio.wait({talk.task for talk in self._talks})

    def cut(self) -> None:
        """Tear every connection, and refuse new ones."""
        self._open = False
        for talk in self._talks:
            talk.tear()

    def hush(self) -> None:
        """What is said on connections that stand reaches nobody any more, for ever; they stay open. New ones work."""
        for talk in self._talks:
            talk.is_silent = True

    def mend(self) -> None:
        """Take connections again."""
        self._open = True

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talk = _Talk(writer, task)
        self._talks.add(talk)
        try:
            if not self._open:
                talk.tear()
                return
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
            talk.far = far_writer
            await asyncio.gather(talk.carry(reader, far_writer), talk.carry(far_reader, writer))
        except OSError:
            pass  # the server is not there, as on a real network
        finally:
            talk.tear()
            self._talks.discard(talk)


class _Talk:
    """One connection."""

    def __init__(self, near: asyncio.StreamWriter, task: asyncio.Task[None]) -> None:
        self.near = near
        self.task = task
        self.far: asyncio.StreamWriter | None = None
        self.is_silent = False

    def tear(self) -> None:
        for writer in (self.near, self.far):
            if writer is not None:
                writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(2**16):
                if not self.is_silent:
                    writer.write(data)
                    await writer.drain()
            if not self.is_silent:
                writer.write_eof()
