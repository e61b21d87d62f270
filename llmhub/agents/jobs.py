"""Runs that answer no turn: imports and exports. They have events, can be watched and stopped as all runs, and outlive a watcher.

A job's frames are in memory while it lives and in its row afterwards. A crash leaves what was last said of how far it was; the
work itself is written so that it can be begun again.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..conversations.jobs import JobStore
from ..conversations.values import JobRecord, JobStatus
from ..errors import Conflict, Interrupted, LLMHubError, words
from ..events import Progressed, RunFinished
from ..identity import Principal
from ..messages import ErrorInfo
from .broadcast import Broadcast
from .log import Frame, encode, pack, unpack
from .loop import cancel

_SAY: Final = 1.0
"""Seconds between two writes of how far a job is."""
_TELL: Final = 0.2
"""Seconds between two events of it."""
_POLL: Final = 0.5
"""Seconds between two looks at a job of another process."""
Work = Callable[["Job"], Awaitable[None]]


class Job(Broadcast):
    """One job of this process. The work says how far it is, and keeps `result` true at every moment; its lists only grow."""

    def __init__(self, record: JobRecord, store: JobStore) -> None:
        super().__init__(record.id)
        self.record = record
        self.result: dict[str, Any] = {}
        self.task: asyncio.Task[None] | None = None
        self._store = store
        self._told_at = self._said_at = 0.0
        self._pieces = 0
        self._said: dict[str, int] = {}
        """How much of each list is written down."""

    async def progress(self, text: str, fraction: float | None = None, result: Mapping[str, Any] | None = None) -> None:
        """Say how far it is; what comes in quick succession is left out. `result`: so far, in short."""
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= _TELL:
            self._told_at = now
            self.append(Progressed(text=text, fraction=fraction, result=dict(result or {})))
        if now - self._said_at >= _SAY:
            self._said_at = now
            await self._say()

    async def _say(self) -> None:
        """Write down what has changed since the last time."""
        lists: dict[str, list[Any]] = {name: value for name, value in self.result.items() if isinstance(value, list)}
        more = {name: items[self._said.get(name, 0) :] for name, items in lists.items()}
        counts: dict[str, Any] = {name: [] if name in lists else value for name, value in self.result.items()}
        self._pieces += 1
        await self._store.say(self.record.id, self._pieces, counts, {name: items for name, items in more.items() if items})
        self._said = {name: self._said.get(name, 0) + len(items) for name, items in more.items()}


class Jobs:
    """The jobs of this process, and the door to all others."""

    def __init__(
        self,
        store: JobStore,
        process_id: str,
        *,
        alive: Callable[[], Awaitable[None]],
        is_dead: Callable[[str], Awaitable[bool]],
        log: logging.Logger,
    ) -> None:
        """`alive` is called before a job begins: from then on nobody takes this process for dead."""
        self._store = store
        self._process_id = process_id
        self._alive = alive
        self._is_dead = is_dead
        self._log = log
        self._jobs: dict[str, Job] = {}
        self._closing = False

    def __len__(self) -> int:
        return len(self._jobs)

    def running(self, principal: Principal) -> list[JobRecord]:
        """Those of this person that this process is at, with how far they are, the oldest first."""
        return [replace(job.record, result=job.result) for job in self._jobs.values() if job.record.owner == principal.id]

    async def start(
        self, principal: Principal, kind: str, name: str, work: Work, *, client_request_id: str | None = None
    ) -> tuple[JobRecord, bool]:
        """Begin; the same `client_request_id` gives the job of the first time, and False."""
        if self._closing:
            raise Conflict("The server is shutting down.", hint="Begin again when it is back.")
        await self._alive()
        record, is_new = await self._store.begin(
            principal.id, kind=kind, name=name, process_id=self._process_id, client_request_id=client_request_id
        )
        if is_new:
            job = self._jobs[record.id] = Job(record, self._store)
            job.append(Progressed(text=name, fraction=0.0))
            job.task = asyncio.create_task(self._run(job, work), name=f"llmhub job {record.id}")
            await asyncio.sleep(0)  # so that it is inside of its own `try` when it is stopped
        return record, is_new

    async def get(self, principal: Principal, job_id: str) -> JobRecord:
        """One job; one whose server went away is interrupted. Raises `NotFound`."""
        record = await self._store.get(principal.id, job_id)
        if record.status != "running" or job_id in self._jobs:
            return record
        if record.process_id == self._process_id or await self._is_dead(record.process_id):
            exc = Interrupted(
                "The server went away in the middle of it.",
                hint="Begin it again: what has come in stays, and comes in once.",
            )
            await self._store.end(job_id, "interrupted", error=ErrorInfo.model_validate(words(exc)))
            return await self._store.get(principal.id, job_id)
        return record

    async def watch(self, principal: Principal, job_id: str, after: int = 0) -> AsyncIterator[Sequence[Frame]]:
        """The events behind number `after`, then the live ones; ends after `run.finished`. Raises `NotFound`."""
        job = self._jobs.get(job_id)
        if job is not None and job.record.owner == principal.id:
            async for frames in job.watch(after):
                yield frames
            return
        record = await self.get(principal, job_id)
        while record.status == "running":  # another process's: its frames are in its memory
            await asyncio.sleep(_POLL)
            record = await self.get(principal, job_id)
        frames = unpack(await self._store.log(principal.id, job_id), job_id, ()) or _told(record)
        if missed := frames[after:] or frames[-1:]:
            yield missed

    async def stop(self, principal: Principal, job_id: str) -> JobRecord:
        """Stop a job; what it has done stays. One that has ended is left as it is."""
        record = await self.get(principal, job_id)
        job = self._jobs.get(job_id)
        if job is not None and job.task is not None:
            await cancel(job.task)
            return await self._store.get(principal.id, job_id)
        if record.status == "running":
            raise Conflict("Another JupyterLab server on the same data is at it.", hint="Stop it in the window where it was begun.")
        return record

    async def aclose(self) -> None:
        """End every job as interrupted."""
        self._closing = True
        tasks = [job.task for job in self._jobs.values() if job.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, job: Job, work: Work) -> None:
        status: JobStatus = "complete"
        error: ErrorInfo | None = None
        try:
            await work(job)
        except asyncio.CancelledError:
            status = "stopped"
            if self._closing:
                exc = Interrupted("The server stopped in the middle of it.", hint="Begin it again: what has come in comes in once.")
                status, error = "interrupted", ErrorInfo.model_validate(words(exc))
        except Exception as exc:
            status, error = "failed", ErrorInfo.model_validate(words(exc))
            if not isinstance(exc, LLMHubError):
                where = "".join(traceback.format_tb(exc.__traceback__))  # without its text, which may quote what was imported
                self._log.error("llmhub: the job %s failed unexpectedly\n%s%s", job.record.id, where, type(exc).__name__)
        end = RunFinished(status=status, error=error, result=job.result)
        frames = [*job.log.after(0, most=len(job.log)), encode(job.record.id, job.log.last_seq + 1, end)]
        try:
            await self._store.end(job.record.id, status, result=job.result, error=error, log=pack(frames))
        except LLMHubError as exc:
            self._log.warning("llmhub could not store how a job ended: %s", exc.message)
        job.finished = True
        job.append(end)
        self._jobs.pop(job.record.id, None)


def _told(record: JobRecord) -> list[Frame]:
    """The frames of a job that ended without a word: how far it was known to be, and its end."""
    so_far = Progressed(text=record.name, result=record.result or {})
    end = RunFinished(status=record.status, error=record.error, result=record.result)
    return [encode(record.id, 1, so_far), encode(record.id, 2, end)]
