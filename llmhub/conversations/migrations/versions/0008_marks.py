"""Stars and ratings of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"


def upgrade() -> None:
    """Add two columns and their indexes, which are empty: nothing is written again."""
    time = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
    op.add_column("messages", sa.Column("starred_at", time))
    op.add_column("messages", sa.Column("rating", sa.JSON()))
    for name, columns, of in (("starred", ["starred_at", "id"], "starred_at"), ("rated", ["id"], "rating")):
        some = sa.text(f"{of} IS NOT NULL")
        op.create_index(f"ix_messages_{name}", "messages", columns, sqlite_where=some, postgresql_where=some)
