"""What came in from elsewhere, so that it comes in once; work that answers no turn."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0004"


def upgrade() -> None:
    """Add two tables: nothing is written again."""
    time = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
    op.create_table(
        "imports",
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("product", sa.String(64), nullable=False),
        sa.Column("source_id", sa.String(255), nullable=False),
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("head_id", sa.String(36)),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("imported_at", time, nullable=False),
        sa.PrimaryKeyConstraint("owner", "product", "source_id", name="pk_imports"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_imports_conversation_id", ondelete="CASCADE"),
    )
    op.create_index("ix_imports_conversation_id", "imports", ["conversation_id"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("process_id", sa.String(64), nullable=False),
        sa.Column("client_request_id", sa.String(255)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("error", sa.JSON()),
        sa.Column("log", sa.LargeBinary()),
        sa.Column("created_at", time, nullable=False),
        sa.Column("finished_at", time),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_owner_client_request_id", "jobs", ["owner", "client_request_id"], unique=True)
    op.create_index("ix_jobs_owner_id", "jobs", ["owner", "id"])
