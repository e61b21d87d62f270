"""Forks and copies of conversations."""

from __future__ import annotations

from collections.abc import Mapping

from ....conversations.copies import CopyDraft
from ....conversations.values import Conversation
from ....messages import Part
from ...bodies.conversations import CopyStart, ForkStart
from ..handler import Handler
from ..operation import writes


class _Copying(Handler):
    async def copy(self, conversation_id: str, draft: CopyDraft) -> Conversation:
        """Make it and tell every page."""
        made = await self.workspace.conversations.copy(self.principal.id, conversation_id, draft)
        self.publish("conversation.changed", made.id)
        return made

    async def said(self, conversation_id: str) -> Mapping[str, tuple[Part, ...]]:
        """What is being answered there, so far."""
        store, owner = self.workspace.conversations, self.principal.id
        active = (await store.list_runs(owner, active=True, conversation_id=conversation_id)).items
        running = [await store.message(owner, run.message_id) for run in active]
        return {message.id: message.parts for message in await self.workspace.runs.overlay(running)}


class ForkHandler(_Copying):
    """A part of the tree."""

    @writes("A new conversation with a part of this one's messages", body=ForkStart, answer=Conversation, status=201, errors=(404,))
    async def post(self, conversation_id: str, body: ForkStart) -> Conversation:
        """The same `client_request_id` again gives the same one."""
        said = await self.said(conversation_id)
        return await self.copy(
            conversation_id,
            CopyDraft(client_request_id=body.client_request_id, at=body.message_id, mode=body.mode, title=body.title, said=said),
        )


class DuplicateHandler(_Copying):
    """All of it."""

    @writes(
        "A copy of a conversation with all its branches",
        body=CopyStart,
        body_required=False,
        answer=Conversation,
        status=201,
        errors=(404,),
    )
    async def post(self, conversation_id: str, body: CopyStart) -> Conversation:
        """The same `client_request_id` again gives the same one."""
        said = await self.said(conversation_id)
        return await self.copy(conversation_id, CopyDraft(client_request_id=body.client_request_id, title=body.title, said=said))
