"""The plans of databases: what is asked for often is found by an index, whatever else is stored."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from llmhub.conversations.library import Sort
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import metadata

from .talk import ADA, Talk, draft, outcome

TABLES = "|".join(metadata.tables.keys() - {"search_stale"})  # which is empty again when a transaction ends


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are run meanwhile, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if re.match(r"\s*(SELECT|WITH|UPDATE|DELETE)", statement):
            seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def plan_of(store: ConversationStore, work: Callable[[], Awaitable[Any]]) -> str:
    with statements() as seen:
        await work()
    assert seen

    def explain(c: Any) -> str:
        lines: list[str] = []
        if c.dialect.name == "postgresql":
            c.exec_driver_sql("SET LOCAL enable_seqscan = off")  # then it is used only where no index would do
            c.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        for statement, parameters in seen:
            how = "EXPLAIN" if c.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
            lines += [str(row[-1]) for row in c.exec_driver_sql(f"{how} {statement}", parameters)]
        return "\n".join(lines)

    return await store.database.write(explain)


@pytest.mark.parametrize(
    "method",
    """get, list, next page, path, last of path, tree, message, pick, begin, continue, finish, runs, run, active runs,
    runs of a conversation, unfinished, delete, beat, summaries""".replace("\n    ", " ").split(", "),
)
async def test_no_statement_reads_a_whole_table(talk: Talk, method: str) -> None:
    store = talk.store
    other = await talk.ask()
    await store.finish_run(other.id, outcome())
    run = await talk.ask(other.message_id)
    await Talk.begin(store)
    page = await store.list(ADA, limit=1)
    ways: dict[str, Callable[[], Awaitable[Any]]] = {
        "get": lambda: store.get(ADA, talk.id),
        "list": lambda: store.list(ADA, archived=False),
        "next page": lambda: store.list(ADA, cursor=page.next),
        "path": lambda: store.path(ADA, talk.id),
        "last of path": lambda: store.path(ADA, talk.id, limit=2),
        "tree": lambda: store.tree(ADA, talk.id),
        "summaries": lambda: store.summaries(ADA, talk.id),
        "message": lambda: store.message(ADA, other.message_id),
        "pick": lambda: store.update(ADA, talk.id, {"head_id": other.user_message_id, "tags": ["a"]}),
        "begin": lambda: store.begin_run(ADA, draft(talk.id, other.message_id)),
        "continue": lambda: store.begin_run(ADA, draft(talk.id, text=None, message_id=other.message_id, continues=True)),
        "finish": lambda: store.finish_run(run.id, outcome()),
        "runs": lambda: store.list_runs(ADA),
        "run": lambda: store.run(ADA, run.id),
        "active runs": lambda: store.list_runs(ADA, active=True),
        "runs of a conversation": lambda: store.list_runs(ADA, conversation_id=talk.id),
        "unfinished": lambda: store.unfinished_runs(),
        "delete": lambda: store.delete(ADA, talk.id),
        "beat": lambda: store.last_beat("process-1"),
    }
    plan = await plan_of(store, ways[method])
    assert not re.search(rf"SCAN (TABLE )?({TABLES})\b|Seq Scan on ({TABLES})\b", plan), plan


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # PostgreSQL chooses by what is stored, so small tables say nothing
async def test_a_list_is_read_in_its_order_and_never_touches_a_body(talk: Talk) -> None:
    with statements() as seen:
        await talk.store.list(ADA, archived=False)
    asked = " ".join(statement for statement, _ in seen)
    assert "messages" not in asked and "parts" not in asked
    plan = await plan_of(talk.store, lambda: talk.store.list(ADA))
    assert "ix_conversations_owner_updated_at_id" in plan
    assert "FOR ORDER BY" not in plan, "the index gives the order"
    assert "ix_runs_conversation_id_finished_at (conversation_id=? AND finished_at=?)" in plan, "not run by run"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sort", ["used", "created", "title"])
async def test_the_panels_list_is_read_in_each_order_by_an_index(store: ConversationStore, sort: Sort) -> None:
    for number in range(4):
        await store.update(ADA, (await store.create(ADA, title=str(number))).id, {"pinned": number < 2})

    async def pages() -> None:
        cursor = None
        while (
            cursor := (await store.list(ADA, sort=sort, archived=False, pinned_first=True, limit=1, cursor=cursor)).next
        ) is not None:
            pass

    plan = await plan_of(store, pages)
    index = {"used": "used", "created": "created", "title": "titled"}[sort]
    assert plan.count(f"ix_conversations_{index} (owner=? AND pinned=? AND archived=?") >= 4, plan
    assert "conversations USING INDEX ix_conversations_o" not in plan and "TEMP B-TREE FOR ORDER BY" not in plan, plan


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_runs_that_are_active_are_found_without_looking_at_the_others(talk: Talk) -> None:
    await talk.ask()
    for asked in (talk.store.unfinished_runs, lambda: talk.store.list_runs(ADA, active=True)):
        assert "ix_runs_finished_at_owner_id" in await plan_of(talk.store, asked)


async def test_the_work_of_a_turn_does_not_grow_with_the_conversation(talk: Talk) -> None:
    async def turn(parent: str | None) -> tuple[str, int]:
        with statements() as seen:
            answer = await talk.turn(parent)
        return answer, len(seen)

    head, first = await turn(await talk.turn())
    for _ in range(20):
        head = await talk.turn(head)
    assert (await turn(head))[1] == first
