"""Stores on real databases: SQLite in a folder, PostgreSQL from `pgserver`. Tests that take `store` or `url` run on both."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from llmhub.conversations.store import ConversationStore

from .talk import Talk


class Postgres:
    """A PostgreSQL server of our own, with one database that every test gets empty."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says on import where it keeps its lock when XDG_RUNTIME_DIR is not set
            import pgserver

        self.server = pgserver.get_server(folder, cleanup_mode="stop")
        # Nothing here must survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")
        self.run("CREATE DATABASE llmhub")

    def run(self, statement: str, database: str | None = None) -> None:
        import psycopg

        with psycopg.connect(self.server.get_uri(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def empty(self) -> str:
        """The URL of the database, with nothing in it. Emptying is much quicker than making another one."""
        self.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'llmhub' AND pid != pg_backend_pid()")
        self.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public", "llmhub")
        return self.server.get_uri("llmhub")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not pytest's folder: PostgreSQL refuses to run as root, and another account cannot enter that one.
    folder = Path(tempfile.mkdtemp(prefix="llmhub-postgres-"))
    server = Postgres(folder)
    yield server
    server.server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """An empty PostgreSQL database."""
    return postgres.empty()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'llmhub.db'}"


@pytest.fixture
async def open_store(tmp_path: Path) -> AsyncIterator[Callable[[str], ConversationStore]]:
    """Open stores as often as wanted, as so many servers would; all are closed at the end."""
    opened: list[ConversationStore] = []

    def open_store(url: str) -> ConversationStore:
        opened.append(ConversationStore(url, backups=tmp_path / "backups"))
        return opened[-1]

    yield open_store
    for store in opened:
        await store.aclose()


@pytest.fixture
async def store(url: str, open_store: Callable[[str], ConversationStore]) -> ConversationStore:
    return open_store(url)


@pytest.fixture
async def talk(store: ConversationStore) -> Talk:
    """A conversation of "ada", and short words for what is said in it."""
    return await Talk.begin(store)
