"""Conversations: making, listing, changing and deleting them."""

from __future__ import annotations

from ....conversations.values import Conversation, Page
from ...bodies.conversations import ConversationChanges, ConversationDraft, ConversationQuery, Conversations
from ..handler import Handler
from ..operation import reads, writes


class ConversationsHandler(Handler):
    """All of them."""

    @reads("Conversations, newest updated first unless sorted", query=ConversationQuery, answer=Conversations, errors=(404,))
    async def get(self, query: ConversationQuery) -> Page[Conversation]:
        """A page of the list."""
        return await self.workspace.conversations.list(self.principal.id, **query.model_dump())

    @writes("A new conversation", body=ConversationDraft, body_required=False, answer=Conversation, status=201, errors=(404,))
    async def post(self, body: ConversationDraft) -> Conversation:
        """Make one."""
        made = await self.workspace.conversations.create(
            self.principal.id, **body.model_dump(exclude={"params"}), params=body.given_params
        )
        self.publish("conversation.changed", made.id)
        return made


class ConversationHandler(Handler):
    """One of them."""

    @reads("A conversation", answer=Conversation, errors=(404,))
    async def get(self, conversation_id: str) -> Conversation:
        """Without its messages."""
        return await self.workspace.conversations.get(self.principal.id, conversation_id)

    @writes("Change a conversation; what is absent stays", body=ConversationChanges, answer=Conversation, errors=(404,))
    async def patch(self, conversation_id: str, body: ConversationChanges) -> Conversation:
        """Rename, move, pin, show another branch, ..."""
        if body.params is not None:
            before = await self.workspace.conversations.get(self.principal.id, conversation_id)
            asked = body.changes()["params"]
            new = {name: value for name, value in asked.items() if before.params.get(name) != value}
            await self.workspace.router.check(body.model or before.model, new)
        changed = await self.workspace.conversations.update(self.principal.id, conversation_id, body.changes())
        self.publish("conversation.changed", conversation_id)
        return changed

    @writes("Delete a conversation with everything in it; what is being answered in it is stopped", errors=(404,))
    async def delete(self, conversation_id: str) -> None:
        """Gone for good."""
        await self.workspace.conversations.get(self.principal.id, conversation_id)
        await self.workspace.runs.stop_all(self.principal, conversation_id)
        await self.workspace.delete_conversation(self.principal.id, conversation_id)
        self.publish("conversation.deleted", conversation_id)
