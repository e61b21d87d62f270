"""Presets, and what a model got otherwise than it was given."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    """Add a column and a table: nothing is written again."""
    time = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
    op.add_column("messages", sa.Column("adapted", sa.JSON()))
    op.create_table(
        "presets",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(400), nullable=False),
        sa.Column("model", sa.Text()),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("tools", sa.JSON(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("client_request_id", sa.String(255)),
        sa.Column("created_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_presets"),
    )
    op.create_index("ix_presets_owner_name_key", "presets", ["owner", "name_key"], unique=True)
    op.create_index("ix_presets_owner_client_request_id", "presets", ["owner", "client_request_id"], unique=True)
