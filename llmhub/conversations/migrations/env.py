"""Where Alembic starts: it runs the revisions on the connection that `llmhub.conversations.migrate` holds.

There is no ini file and no offline mode.
"""

from alembic import context

from llmhub.conversations.migrate import VERSION_TABLE
from llmhub.conversations.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by writing it again
)
with context.begin_transaction():
    context.run_migrations()
