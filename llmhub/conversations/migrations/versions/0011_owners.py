"""Whose each entry of the search's index is, and an index of it: one's own newest are found wherever others' are newer.

Nothing is indexed again. PostgreSQL would put every changed row into the full text once more, one by one: so that is made anew, as
a whole, after the migration (`llmhub.conversations.search.schema`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_OWNED = (
    "UPDATE search_entries SET owner = coalesce("
    "(SELECT c.owner FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.id = search_entries.subject), "
    "(SELECT c.owner FROM conversations c WHERE c.id = search_entries.subject), '')"
)


def upgrade() -> None:
    """Add the column, fill it, and make its index. A damaged index without its table is made anew elsewhere."""
    if not sa.inspect(op.get_bind()).has_table("search_entries"):
        return
    op.add_column("search_entries", sa.Column("owner", sa.String(255), nullable=False, server_default=sa.text("''")))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX IF EXISTS search_words_vector")
    op.execute(_OWNED)
    op.create_index("ix_search_entries_owner_id", "search_entries", ["owner", "id"])
