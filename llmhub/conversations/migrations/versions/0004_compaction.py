"""Summaries of older turns, and pinned messages."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0005"


def upgrade() -> None:
    """Add a column and a table: nothing is written again."""
    time = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
    op.add_column("messages", sa.Column("pinned", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "summaries",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("parts", sa.Integer()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text()),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("tokens_before", sa.Integer(), nullable=False),
        sa.Column("tokens_after", sa.Integer(), nullable=False),
        sa.Column("usage", sa.JSON()),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("client_request_id", sa.String(255)),
        sa.Column("created_at", time, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_summaries_conversation_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_summaries"),
    )
    op.create_index("ix_summaries_conversation_id_id", "summaries", ["conversation_id", "id"])
