"""Messages: the path that is shown, and the tree it is a path of."""

from __future__ import annotations

from ....conversations.values import Node, Page
from ....messages import Message
from ...bodies import Messages, MessagesQuery, Nodes
from ..handler import Handler
from ..operation import reads


class MessagesHandler(Handler):
    """A path from the root to a leaf."""

    @reads("The path from the root to `leaf` (default: the head)", query=MessagesQuery, answer=Messages, errors=(404,))
    async def get(self, conversation_id: str, query: MessagesQuery) -> Page[Message]:
        """Messages being answered come with what has been said so far."""
        page = await self.workspace.conversations.path(self.principal.id, conversation_id, **query.model_dump())
        return Page(await self.workspace.runs.overlay(page.items), page.next)


class TreeHandler(Handler):
    """The whole tree."""

    @reads("Every node of the tree, without its body", answer=Nodes, errors=(404,))
    async def get(self, conversation_id: str) -> Page[Node]:
        """Enough to draw it."""
        return Page(await self.workspace.conversations.tree(self.principal.id, conversation_id))
