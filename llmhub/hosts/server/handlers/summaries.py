"""Summaries that stand for older turns: making one by hand, reading, editing and undoing them."""

from __future__ import annotations

from ....conversations.values import Summary
from ...bodies.summaries import Summaries, SummaryChanges, SummaryDraft
from ..handler import Handler
from ..operation import reads, writes


class SummariesHandler(Handler):
    """All of a conversation."""

    @reads("The summaries of a conversation, oldest first, those that were undone too", answer=Summaries, errors=(404,))
    async def get(self, conversation_id: str) -> Summaries:
        """A summary stands for the path up to its `message_id`."""
        items = await self.workspace.conversations.summaries(self.principal.id, conversation_id)
        making = self.workspace.runs.compaction.is_making(self.principal.id, conversation_id)
        return Summaries(items=tuple(items), making=making)

    @writes(
        "Summarise all turns but the last, so that the next request is short",
        body=SummaryDraft,
        answer=Summary,
        status=201,
        errors=(404, 409, 502, 504),
    )
    async def post(self, conversation_id: str, body: SummaryDraft) -> Summary:
        """Answers when it is made. It goes on if nobody waits; the same `client_request_id` again waits for it, or gives it."""
        made = await self.workspace.runs.summarise(
            self.principal,
            conversation_id,
            body.client_request_id,
            leaf=body.leaf,
            model=body.model,
            instructions=body.instructions,
        )
        self.extension.note_activity()
        return made


class StopHandler(Handler):
    """Stopping."""

    @writes("Stop the summary that is being made by hand; nothing has changed then", answer=Summaries, errors=(404,))
    async def post(self, conversation_id: str) -> Summaries:
        """Closes its connection to the provider at once. If none is being made, nothing happens."""
        items = await self.workspace.conversations.summaries(self.principal.id, conversation_id)
        await self.workspace.runs.compaction.stop(self.principal.id, conversation_id)
        return Summaries(items=tuple(items))


class SummaryHandler(Handler):
    """One of them."""

    @writes("Put other words into a summary, undo it, or take that back", body=SummaryChanges, answer=Summary, errors=(404,))
    async def patch(self, conversation_id: str, summary_id: str, body: SummaryChanges) -> Summary:
        """The messages that it stands for are never touched."""
        changed = await self.workspace.runs.compaction.change(
            self.principal.id, conversation_id, summary_id, **body.model_dump(exclude_unset=True)
        )
        self.publish("conversation.changed", conversation_id)
        return changed
