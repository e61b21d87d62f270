"""Search: messages, titles, tags and file names by their words."""

from __future__ import annotations

from ....conversations.values import Mention, Page
from ...bodies.search import MentionQuery, Mentions, SearchHits, SearchNote, SearchQuery
from ..handler import Handler
from ..operation import reads


class SearchHandler(Handler):
    """Over all conversations of one person."""

    @reads("Messages and titles in which something stands, the best first", query=SearchQuery, answer=SearchHits)
    async def get(self, query: SearchQuery) -> SearchHits:
        """A page of hits. What is being typed is never an error: what makes no sense is named in `notes`."""
        store = self.workspace.conversations
        found = await store.search(
            self.principal.id,
            query.understood(),
            folder_id=query.folder_id,
            conversation_id=query.conversation_id,
            limit=query.limit,
            cursor=query.cursor,
        )
        notes = tuple(SearchNote(**note._asdict()) for note in found.notes)
        return SearchHits(items=found.items, next=found.next, notes=notes, unindexed=store.unindexed)


class MentionsHandler(Handler):
    """Within one conversation."""

    @reads("Where a text stands in the messages of a path", query=MentionQuery, answer=Mentions, errors=(404,))
    async def get(self, conversation_id: str, query: MentionQuery) -> Page[Mention]:
        """Letter by letter, as a browser finds it in a page; of temporary conversations too."""
        store = self.workspace.conversations
        return Page(await store.mentions(self.principal.id, conversation_id, query.q, leaf=query.leaf))
