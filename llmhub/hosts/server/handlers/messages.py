"""Messages: the path that is shown, the tree it is a path of, and changing it without a model."""

from __future__ import annotations

from ....conversations.values import NewMessage, Page
from ....messages import Message
from ...bodies.messages import HeadView, MessageChanges, MessageDraft, Messages, MessagesQuery, Nodes, TreeQuery
from ...http import Written
from ...uploads import stored
from ..handler import Handler
from ..operation import reads, writes


class MessagesHandler(Handler):
    """A path from the root to a leaf, and what is saved without asking a model."""

    @reads("The path from the root to `leaf` (default: the head)", query=MessagesQuery, answer=Messages, errors=(404,))
    async def get(self, conversation_id: str, query: MessagesQuery) -> Page[Message]:
        """Messages being answered come with what has been said so far."""
        page = await self.workspace.conversations.path(self.principal.id, conversation_id, **query.model_dump())
        return Page(await self.workspace.runs.overlay(page.items), page.next)

    @writes("Save a message as a new branch; no model is asked", body=MessageDraft, answer=Message, status=201, errors=(404, 409))
    async def post(self, conversation_id: str, body: MessageDraft) -> Message:
        """The same `client_request_id` again gives the same message."""
        new = NewMessage(
            client_request_id=body.client_request_id,
            parent_id=body.parent_id,
            role=body.role,
            parts=await stored(body.parts, self.workspace, self.principal, conversation_id, field="parts"),
            model=body.model,
            finish_reason=body.finish_reason,
        )
        saved = await self.workspace.conversations.add_message(self.principal.id, conversation_id, new)
        self.publish("conversation.changed", conversation_id)
        return saved


class MessageHandler(Handler):
    """One of them."""

    @writes("Pin or star a message, or rate an answer; what is absent stays", body=MessageChanges, answer=Message, errors=(404,))
    async def patch(self, conversation_id: str, message_id: str, body: MessageChanges) -> Message:
        """A pinned message goes to the model as it is, however long the conversation; no summary stands for it."""
        store = self.workspace.conversations
        message = await store.mark_message(self.principal.id, conversation_id, message_id, body.changes())
        self.publish("conversation.changed", conversation_id)
        return (await self.workspace.runs.overlay([message]))[0]

    @writes(
        "Take a message away with everything beneath it; what is being answered there is stopped",
        answer=HeadView,
        errors=(404,),
    )
    async def delete(self, conversation_id: str, message_id: str) -> HeadView:
        """It can be restored for a day."""
        head_id = await self.workspace.runs.delete_message(self.principal, conversation_id, message_id)
        self.publish("conversation.changed", conversation_id)
        return HeadView(head_id=head_id)


class RestoreHandler(Handler):
    """Undoing a deletion."""

    @writes("Bring back what was taken away with a message, and show it as before", answer=HeadView, errors=(404, 409))
    async def post(self, conversation_id: str, message_id: str) -> HeadView:
        """What is there stays as it is."""
        head_id = await self.workspace.conversations.restore_message(self.principal.id, conversation_id, message_id)
        self.publish("conversation.changed", conversation_id)
        return HeadView(head_id=head_id)


class TreeHandler(Handler):
    """The whole tree."""

    @reads("Every node of the tree, without its body", query=TreeQuery, answer=Nodes, errors=(404,))
    async def get(self, conversation_id: str, query: TreeQuery) -> Written:
        """Enough to draw it."""
        nodes = await self.workspace.conversations.written_tree(self.principal.id, conversation_id, excerpts=query.excerpts)
        return Written(b'{"items":%b,"next":null}' % nodes)
