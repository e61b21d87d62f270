"""`JobStore`: work for one person that answers no turn (imports), as rows: begun, how far it is, how it ended.

While it runs, the lists of its result grow piece by piece, each a row: to write them whole every second would be most of what an
import writes. At its end they are put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ..errors import NotFound
from ..ids import is_id, new_id
from ..messages import ErrorInfo
from .database import Database
from .tables import job_pieces, jobs
from .values import JobRecord, JobStatus

_RECORD = select(*(column for column in jobs.c if column.name not in ("log", "client_request_id")))


class JobStore:
    """Every method but `end` takes the owner's principal id first and raises `NotFound` for what is not theirs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, owner: str, *, kind: str, name: str, process_id: str, client_request_id: str | None = None
    ) -> tuple[JobRecord, bool]:
        """Write down that a job begins. The same `client_request_id` again gives the job of the first time, and False."""
        id = new_id()
        row = {
            "id": id,
            "owner": owner,
            "kind": kind,
            "name": name,
            "process_id": process_id,
            "client_request_id": client_request_id,
            "status": "running",
            "created_at": datetime.now(UTC),
        }

        def requested(c: Connection) -> JobRecord | None:
            asked = _RECORD.where(jobs.c.owner == owner, jobs.c.client_request_id == client_request_id)
            found = c.execute(asked).mappings().one_or_none() if client_request_id is not None else None
            return None if found is None else _record(c, found)

        if (before := await self._database.read(requested)) is not None:
            return before, False
        try:
            await self._database.write(lambda c: c.execute(insert(jobs), [row]))
        except IntegrityError:  # the same request came to another server at the same time
            before = await self._database.read(requested)
            assert before is not None
            return before, False
        return await self.get(owner, id), True

    async def get(self, owner: str, job_id: str) -> JobRecord:
        """One job."""

        def work(c: Connection) -> JobRecord | None:
            row = c.execute(_RECORD.where(jobs.c.id == job_id, jobs.c.owner == owner)).mappings().one_or_none()
            return None if row is None else _record(c, row)

        record = await self._database.read(work) if is_id(job_id) else None
        if record is None:
            raise NotFound("There is no such run.", hint="Begin it again.", details={"run_id": job_id})
        return record

    async def say(self, job_id: str, number: int, counts: Mapping[str, Any], more: Mapping[str, Sequence[Any]]) -> None:
        """How far a job is, for the case that it ends without a word: `more` of its lists than the pieces before `number` have."""

        def work(c: Connection) -> None:
            running = update(jobs).where(jobs.c.id == job_id, jobs.c.finished_at.is_(None))
            if c.execute(running.values(result=dict(counts))).rowcount == 1 and more:
                c.execute(insert(job_pieces), {"job_id": job_id, "idx": number, "more": dict(more)})

        await self._database.write(work)

    async def end(
        self,
        job_id: str,
        status: JobStatus,
        *,
        result: Mapping[str, Any] | None = None,
        error: ErrorInfo | None = None,
        log: bytes = b"",
    ) -> bool:
        """Write down how a job ended; without a result the last that was said stays. False: it had ended before."""
        said: dict[str, Any] = {
            "status": status,
            "error": None if error is None else error.model_dump(mode="json"),
            "log": log,
            "finished_at": datetime.now(UTC),
            **({} if result is None else {"result": dict(result)}),
        }
        running = (jobs.c.id == job_id, jobs.c.finished_at.is_(None))

        def work(c: Connection) -> bool:
            if result is None and (before := c.execute(_RECORD.where(*running)).mappings().one_or_none()) is not None:
                said["result"] = _so_far(c, before)
            has_ended = c.execute(update(jobs).where(*running).values(said)).rowcount == 1
            c.execute(delete(job_pieces).where(job_pieces.c.job_id == job_id))
            return has_ended

        return await self._database.write(work)

    async def log(self, owner: str, job_id: str) -> bytes:
        """What an ended job has said, compact; empty where it ended without a word."""
        asked = select(jobs.c.log).where(jobs.c.id == job_id, jobs.c.owner == owner)
        return await self._database.read(lambda c: c.execute(asked).scalar_one_or_none()) or b""


def _record(c: Connection, row: RowMapping) -> JobRecord:
    values: dict[str, Any] = dict(row)
    values["error"] = None if row["error"] is None else ErrorInfo.model_validate(row["error"])
    values["result"] = _so_far(c, row)
    return JobRecord(**values)


def _so_far(c: Connection, row: RowMapping) -> dict[str, Any] | None:
    """What a job has said: its counts, and its lists from their pieces. When it has ended there are none."""
    result: dict[str, Any] | None = row["result"]
    if result is None or row["status"] != "running":
        return result
    asked = select(job_pieces.c.more).where(job_pieces.c.job_id == row["id"]).order_by(job_pieces.c.idx)
    for more in c.execute(asked).scalars():
        for name, items in more.items():
            result[name] = [*result.get(name, ()), *items]
    return result
