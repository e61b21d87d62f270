"""`RunStore`: what is written down before and after a run, and which processes own runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from . import library, runs, trees
from .homes import Homes, check_id, moment
from .runs import Begun
from .tables import processes
from .values import (
    Page,
    RunDraft,
    RunOutcome,
    RunRecord,
)


class RunStore(Homes):
    """Runs, in either home."""

    async def begin_run(self, owner: str, draft: RunDraft, *, beat: bool = False, most: int = 1) -> Begun:
        """Write down, in one transaction, the user's message, the running answer, the run, and the new head.

        The same `client_request_id` again gives the record of the first time, also when both come at once from two servers.
        `beat`: and that its process is alive. `most`: messages of the path before it that are read along.
        `Conflict`: what is to be continued, or the parent of a new message, is still being written.
        """
        check_id(draft.conversation_id, library.no_conversation)
        if draft.parent_id is not None:
            check_id(draft.parent_id, trees.no_message)
        runs.check(draft)
        now = moment()

        def work(c: Connection) -> Begun:
            if beat:
                runs.beat(c, draft.process_id, now)
            return runs.begin(c, owner, draft, now, most)

        begun = await self._home(draft.conversation_id).write(work)
        if begun.is_new and self.is_temporary(draft.conversation_id):
            for id in (begun.record.id, begun.record.message_id, begun.record.user_message_id):
                self._temporary[id or begun.record.id] = draft.conversation_id
        return begun

    async def finish_run(self, run_id: str, outcome: RunOutcome) -> bool:
        """Write down, in one transaction, what was said and how it ended. The head stays.

        False, and nothing is changed: the run had ended before, or its conversation was deleted.
        """
        return await self._home(run_id).write(lambda c: runs.finish(c, run_id, outcome, moment()))

    async def run(self, owner: str, run_id: str) -> RunRecord:
        """One run."""
        check_id(run_id, runs.no_run)
        return await self._home(run_id).read(lambda c: runs.get(c, owner, run_id))

    async def run_of(self, run_id: str) -> RunRecord:
        """One run, whoever owns it: for recovery only."""
        check_id(run_id, runs.no_run)
        return await self._home(run_id).read(lambda c: runs.get(c, None, run_id))

    async def list_runs(
        self,
        owner: str,
        *,
        active: bool | None = None,
        conversation_id: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[RunRecord]:
        """The owner's runs, newest first. Runs of a temporary conversation are listed only when it is named."""
        home = self.database
        if conversation_id is not None:
            check_id(conversation_id, library.no_conversation)
            home = self._home(conversation_id)
        return await home.read(
            lambda c: runs.page(c, owner, active=active, conversation_id=conversation_id, limit=limit, cursor=cursor)
        )

    async def run_requested(self, owner: str, client_request_id: str) -> RunRecord | None:
        """The run that a request made before, if it did."""
        for home in (self.database, *((self._memory,) if self._memory else ())):
            if record := await home.read(lambda c: runs.requested(c, owner, client_request_id)):
                return record
        return None

    async def run_log(self, run_id: str) -> bytes:
        """The compact log of a finished run; empty while it runs."""
        check_id(run_id, runs.no_run)
        return await self._home(run_id).read(lambda c: runs.log(c, run_id))

    async def unfinished_runs(self) -> list[RunRecord]:
        """The runs that have not ended, of all principals and processes, oldest first."""
        return await self.database.read(runs.unfinished)

    async def beat(self, process_id: str, *, at: datetime) -> None:
        """Say that a process is alive."""
        await self.database.write(lambda c: runs.beat(c, process_id, at))

    async def last_beat(self, process_id: str) -> datetime | None:
        """When a process last said that it is alive; None if it never did."""
        return await self.database.read(
            lambda c: c.execute(select(processes.c.beat_at).where(processes.c.id == process_id)).scalar_one_or_none()
        )
