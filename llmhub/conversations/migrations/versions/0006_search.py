"""The search's index. What is there is written down, to be indexed in the background: a big database opens at once.

The full text itself and the triggers are made after every migration (`llmhub.conversations.search.schema`).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0006"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables, and a list of what has to go in."""
    op.create_table(
        "search_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.Text().with_variant(TSVECTOR(), "postgresql")),
        sa.PrimaryKeyConstraint("id", name="pk_search_entries"),
    )
    op.create_index("ix_search_entries_subject_piece", "search_entries", ["subject", "piece"], unique=True)
    for name in ("search_stale", "search_backlog"):
        op.create_table(name, sa.Column("id", sa.String(36), nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{name}"))
    op.execute("INSERT INTO search_backlog (id) SELECT id FROM conversations")
    op.execute("INSERT INTO search_backlog (id) SELECT DISTINCT message_id FROM parts")
