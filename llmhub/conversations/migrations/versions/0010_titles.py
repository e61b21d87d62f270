"""Titles in an order that both databases have, and an index for each order of the list."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from llmhub.conversations.titles import UNTITLED, titled

revision = "0010"
down_revision = "0008"

AT_ONCE = 1000


def upgrade() -> None:
    """Add a column and three indexes. Titles are written again: those of first words were not found by what is typed."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("conversations", sa.Column("title_order", text, nullable=False, server_default=UNTITLED))
    _write_again(op.get_bind())
    for name, column in (("used", "updated_at"), ("created", "created_at"), ("titled", "title_order")):
        op.create_index(f"ix_conversations_{name}", "conversations", ["owner", "pinned", "archived", column, "id"])


def _write_again(connection: sa.Connection) -> None:
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in ("id", "title", "title_key", "title_order")]
    table = sa.table("conversations", *columns)
    last = ""
    while rows := connection.execute(
        sa.select(table.c.id, table.c.title).where(table.c.id > last).order_by(table.c.id).limit(AT_ONCE)
    ).all():
        last = rows[-1].id
        values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in ("title_key", "title_order")}
        again = sa.update(table).where(table.c.id == sa.bindparam("which")).values(values)
        new = [{"which": row.id, **{f"new_{name}": text for name, text in titled(row.title).items()}} for row in rows if row.title]
        if new:
            connection.execute(again, new)
