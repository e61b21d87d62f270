"""What the running runs of one process have said, appended to one file, so that a killed process loses nothing.

Not the store: when a run ends, its answer goes there and the journal forgets it. The process holds an exclusive lock on its
journal for life, and the operating system lets go of it at the very moment the process dies: whoever can take the lock knows
that the owner is gone, and folds what it had said into the messages.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import re
import socket
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from ..ids import new_id
from .log import Frame, decode

WINDOW: Final = 0.001
"""Seconds between two writes at least: what many runs say meanwhile goes into one."""
BURST: Final = 4
"""Writes that follow each other without waiting after a pause: with so many a run gets from its start to its first word."""
SLOW: Final = 0.02
"""Seconds that a write may take on the loop: to hand it to a thread and hear of its end takes twenty times as long as it does."""
SPARED: Final = 60.0
"""Seconds for which the loop does not write by itself after a write that was slow."""


def new_process_id() -> str:
    """Names this process and its host: a lock says nothing about a process on another host where NFS keeps locks local."""
    return f"{_this_host()}.{new_id()}"


def is_here(process_id: str) -> bool:
    """Whether the process ran on this host."""
    return process_id.rpartition(".")[0] == _this_host()


def _this_host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:64] or "host"


class Journal:
    """The journal of this process. All methods are for the event loop's thread."""

    def __init__(self, folder: Path, process_id: str, log: logging.Logger) -> None:
        self.process_id = process_id
        self._path = folder / f"{process_id}.jsonl"
        self._log = log
        self._waiting: list[bytes] = []
        self._waiting_for: list[Callable[[], object]] = []
        self._timer: asyncio.Handle | None = None
        self._is_writing = False
        self._is_closed = False
        self._due = 0.0
        """When the next write may begin; after a pause it lies so far back that some can follow at once."""
        self._slow_until = 0.0
        self._queued = 0
        """What the thread has to do; the loop overtakes none of it."""
        self._writer = ThreadPoolExecutor(1, "llmhub-journal")
        self._fd: int | None = None
        self._failed = False

    def append(self, frame: Frame, then: Callable[[], object]) -> None:
        """Have `frame` written, and call `then` when the operating system has it: from there on a killed process loses nothing."""
        self._waiting_for.append(then)
        self.note(frame.data)

    def note(self, line: bytes) -> None:
        """Have a line that is no frame written: what the ledger knows of a request that is under way."""
        self._waiting.append(line)
        if self._is_closed:
            self._let_go()
        else:
            self._write_soon()

    def _write_soon(self) -> None:
        """At the end of this turn of the loop, so that what is said in one breath is one write, or when the window is over."""
        if self._timer is None and not self._is_writing:
            loop = asyncio.get_running_loop()
            pause = self._due - loop.time()
            self._timer = loop.call_later(pause, self._hand_over) if pause > 0 else loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        self._stop_timer()
        self._is_writing = True
        begun = asyncio.get_running_loop().time()
        self._due = max(self._due, begun - BURST * WINDOW) + WINDOW
        lines, then = self._take()
        if self._fd is not None and not self._queued and begun >= self._slow_until:
            self._write(lines)
            self._go_on(begun, then)
        else:
            self._in_thread(self._write, lines).add_done_callback(lambda _: self._go_on(begun, then))

    def _go_on(self, begun: float, then: list[Callable[[], object]]) -> None:
        self._is_writing = False
        now = asyncio.get_running_loop().time()
        if now - begun > SLOW:
            self._slow_until = now + SPARED
        for call in then:
            call()
        if self._waiting:
            self._write_soon()

    def _in_thread(self, work: Callable[..., None], *arguments: object) -> asyncio.Future[None]:
        done = asyncio.get_running_loop().run_in_executor(self._writer, work, *arguments)
        self._queued += 1
        done.add_done_callback(lambda _: self._one_less())
        return done

    def _one_less(self) -> None:
        self._queued -= 1

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _take(self) -> tuple[bytes, list[Callable[[], object]]]:
        lines = b"\n".join([*self._waiting, b""])
        then = self._waiting_for
        self._waiting, self._waiting_for = [], []
        return lines, then

    def _write(self, lines: bytes) -> None:
        try:
            fd = self._fd if self._fd is not None else self._open()
            view = memoryview(lines)
            while view:
                view = view[os.write(fd, view) :]
            self._failed = False
        except OSError as exc:  # the answer goes on in memory and reaches the store at its end
            if not self._failed:
                self._log.warning(
                    "llmhub cannot write its journal %s (%s): a crash now would lose running answers", self._path, exc
                )
            self._failed = True

    def _open(self) -> int:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._fd = fd
        return fd

    async def open(self) -> None:
        """Take the lock before the first run, so that no other process takes us for dead."""
        if self._fd is None:
            await self._in_thread(self._open_quietly)

    def _open_quietly(self) -> None:
        if self._fd is None:
            try:
                self._open()
            except OSError as exc:
                self._log.warning("llmhub cannot open its journal %s (%s): a crash would lose running answers", self._path, exc)

    async def flush(self) -> None:
        """Return when everything appended so far has been written."""
        self._stop_timer()
        lines, then = self._take()
        await self._in_thread(self._write, lines)
        for call in then:
            call()

    def forget(self) -> None:
        """No run is active: what was written is in the store."""
        self._stop_timer()
        self._let_go()
        self._in_thread(self._truncate)

    def _let_go(self) -> None:
        for call in self._take()[1]:
            call()

    def _truncate(self) -> None:
        if self._fd is not None:
            with suppress(OSError):
                os.ftruncate(self._fd, 0)

    async def aclose(self, *, keep: bool = False) -> None:
        """Write what waits and let go of the lock. Every run has ended; the file stays only if not all of them could be stored."""
        await self.flush()
        self._is_closed = True
        await self._in_thread(self._close, keep)
        self._writer.shutdown()

    def _close(self, keep: bool) -> None:
        if self._fd is not None:
            if not keep:
                self._path.unlink(missing_ok=True)
            os.close(self._fd)
            self._fd = None


# ---- the journals of other processes


@dataclass
class Remains:
    """What a dead process left: the frames of each run that it had not yet stored."""

    process_id: str
    frames: dict[str, list[Frame]] = field(default_factory=dict[str, list[Frame]])
    spent: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What was last known of each request to a provider."""


def is_locked(folder: Path, process_id: str) -> bool | None:
    """Whether the owner of a journal lives; None when there is no such journal here."""
    try:
        fd = os.open(folder / f"{process_id}.jsonl", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return not _lock(fd)
    finally:
        os.close(fd)


@contextmanager
def inherit(folder: Path, process_id: str) -> Generator[Remains | None]:
    """Hold the lock of a dead process's journal while what it said is stored; the file is removed when the block succeeds.

    Yields None when the owner lives or somebody else is already at it, and empty remains when there is no such journal here.
    """
    path = folder / f"{process_id}.jsonl"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield Remains(process_id)
        return
    try:
        if not _lock(fd):
            yield None
            return
        yield Remains(process_id, read_frames(path), read_spent(path))
        path.unlink(missing_ok=True)
    finally:
        os.close(fd)


def _lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def journals(folder: Path) -> list[str]:
    """The ids of all processes that have a journal in `folder`."""
    try:
        return sorted(entry.stem for entry in folder.iterdir() if entry.suffix == ".jsonl")
    except OSError:
        return []


def read_frames(path: Path, run_id: str | None = None) -> dict[str, list[Frame]]:
    """The frames in a journal by run. A torn last line, and anything after a gap in the numbers, is left out."""
    found: dict[str, list[Frame]] = {}
    with suppress(FileNotFoundError), path.open("rb") as file:
        for line in file:
            with suppress(ValueError, KeyError, TypeError):
                body = orjson.loads(line)
                if "run_id" not in body or (run_id is not None and body["run_id"] != run_id):
                    continue
                frames = found.setdefault(body["run_id"], [])
                frame = decode(line.rstrip(b"\n"))
                if frame.seq == len(frames) + 1:
                    frames.append(frame)
    return found


def read_spent(path: Path) -> list[dict[str, Any]]:
    """What the ledger had noted, the last line of each request."""
    found: dict[str, dict[str, Any]] = {}
    with suppress(FileNotFoundError), path.open("rb") as file:
        for line in file:
            if line.startswith(b'{"spent":'):
                with suppress(ValueError, KeyError, TypeError):
                    spent = orjson.loads(line)["spent"]
                    found[spent["id"]] = spent
    return list(found.values())
