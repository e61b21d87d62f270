"""Runs: starting, looking, stopping, answering."""

from __future__ import annotations

from ....agents.runs import RunRequest
from ....conversations.values import Page
from ....errors import Conflict, NotFound
from ...bodies.imports import Jobs, JobView
from ...bodies.runs import ExchangesView, RunAccepted, RunAnswer, Runs, RunsQuery, RunStart, RunView
from ...uploads import stored
from ..handler import Handler
from ..operation import reads, writes


class ConversationRunsHandler(Handler):
    """The runs of one conversation."""

    @writes("Answer a turn", body=RunStart, answer=RunAccepted, status=201, errors=(404, 409, 429))
    async def post(self, conversation_id: str, body: RunStart) -> RunAccepted:
        """The same `client_request_id` again gives the same answer and starts nothing."""
        if not body.head:
            self.rules.check_feature("compare")
        parts = body.message.parts if body.message else None
        if body.params is not None:
            conversation = await self.workspace.conversations.get(self.principal.id, conversation_id)
            await self.workspace.router.check(body.model or conversation.model, body.params.given())
        request = RunRequest(
            client_request_id=body.client_request_id,
            parent_id=body.parent_id,
            parts=None if parts is None else await stored(parts, self.workspace, self.principal, conversation_id),
            model=body.model,
            params=body.params,
            continues=body.continues,
            instruction=body.instruction,
            moves_head=body.head,
            over_ceiling=body.over_ceiling,
        )
        run = await self.workspace.runs.start(self.principal, conversation_id, request)
        self.extension.note_activity()
        return RunAccepted(run_id=run.id, user_message_id=run.user_message_id, message_id=run.message_id)


class RunsHandler(Handler):
    """All of them."""

    @reads("Runs, newest first", query=RunsQuery, answer=Runs)
    async def get(self, query: RunsQuery) -> Page[RunView]:
        """A page of the list."""
        page = await self.workspace.runs.list(self.principal, **query.model_dump())
        return Page([RunView.of(run) for run in page.items], page.next)


class JobsHandler(Handler):
    """Imports and exports."""

    @reads("The imports and exports that are going on, the oldest first", answer=Jobs)
    async def get(self) -> Jobs:
        """Those that this server is at."""
        return Jobs(items=tuple(map(JobView.of, self.workspace.runs.jobs.running(self.principal))))


class RunHandler(Handler):
    """One of them."""

    @reads("A run", answer=RunView | JobView, errors=(404,))
    async def get(self, run_id: str) -> RunView | JobView:
        """How it stands."""
        try:
            return RunView.of(await self.workspace.runs.get(self.principal, run_id))
        except NotFound:
            return JobView.of(await self.workspace.runs.jobs.get(self.principal, run_id))


class StopHandler(Handler):
    """Stopping."""

    @writes("Stop a run; what was said, or has come in, stays", answer=RunView | JobView, errors=(404, 409))
    async def post(self, run_id: str) -> RunView | JobView:
        """Closes its connection to the provider at once. A finished run is left as it is."""
        try:
            return RunView.of(await self.workspace.runs.stop(self.principal, run_id))
        except NotFound:
            return JobView.of(await self.workspace.runs.jobs.stop(self.principal, run_id))


class ExchangeHandler(Handler):
    """What went over the wire."""

    @reads("What went to providers and came back in one of the last runs, keys masked", answer=ExchangesView, errors=(404,))
    async def get(self, run_id: str) -> ExchangesView:
        """Kept in this process's memory only."""
        items, note = await self.workspace.runs.exchange(self.principal, run_id)
        return ExchangesView(items=tuple(items), note=note)


class AnswerHandler(Handler):
    """Answering what a run asks."""

    @writes("Answer an approval or a question that a run waits for", body=RunAnswer, answer=RunView, errors=(404, 409))
    async def post(self, run_id: str, body: RunAnswer) -> RunView:
        """No run of this llmhub asks anything, so there is nothing to answer."""
        await self.workspace.runs.get(self.principal, run_id)
        raise Conflict("This run does not wait for an answer.", hint="Reload the conversation to see how it stands.")
