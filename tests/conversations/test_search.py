"""Finding what was said, on both databases. What a text is found by is made before either sees it, so both find the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from llmhub.conversations.copies import CopyDraft
from llmhub.conversations.files import FileStore
from llmhub.conversations.folders import FolderStore
from llmhub.conversations.runs import write_parts
from llmhub.conversations.search import find, matches
from llmhub.conversations.search.query import parse
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import messages
from llmhub.conversations.values import FolderDraft, NewMessage
from llmhub.errors import Malformed, NotFound
from llmhub.ids import new_id
from llmhub.messages import FilePart, ImagePart, OutputPart, QuotePart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart

from .finding import NOW, found, hits, say
from .talk import ADA, BOB, Talk, outcome
from .transfer.test_writer import TALK


@pytest.mark.parametrize(
    ("text", "queries", "absent"),
    [
        ("Call pd.read_csv twice", ["read_csv", "read", "csv", "pd.read_csv", "read_c", "READ_CSV"], ["readcsv", "csv_read"]),
        ("use df.groupby here", ["df.groupby", "groupby", "df", "df.gro"], ["groupby.df"]),
        ("a DataFrame holds it", ["DataFrame", "dataframe", "data frame", "frame", "DataFr"], ["dataset"]),
        ("getElementById and HTTPServer", ["element", "http server", "getElementById"], ["elephant"]),
        ("Die Häuser an der Straße sind größer", ["hauser", "Häuser", "Haus", "strasse", "GRÖSSER", "straße"], ["hausmann"]),
        ("the files were grouped by a running process", ["file", "group", "runs", "processes"], ["filet"]),
        ("Un café à la crème", ["cafe", "CAFÉ", "creme", "cafe\u0301"], ["caf e"]),
        ("データを検索する方法", ["検索", "データ", "検", "法", "検索する"], ["索検", "東京"]),
        ("我们使用深度学习模型", ["深度学习", "学习", "模"], ["学深"]),
        ("한국어 문장을 검색한다", ["문장", "검색"], ["문검"]),
        ("это большой йод", ["большой", "йод"], ["большая"]),
        ("हिन्दी भाषा में", ["भाषा", "हिन्दी"], ["भाष भाषा"]),
        ("x = 3.14 # C++ and 50%", ["3.14", "c++", "50%"], ["14.3"]),
    ],
)
async def test_words_are_found_in_every_form(talk: Talk, text: str, queries: list[str], absent: list[str]) -> None:
    said = await say(talk, text)
    for query in queries:
        [hit] = await hits(talk.store, query)
        assert (hit.message_id, "<mark>" in hit.snippet) == (said, True), query
    for query in absent:
        assert not await hits(talk.store, query), query


async def test_everything_that_was_said_is_found(talk: Talk) -> None:
    file = FilePart(file_id=new_id(), name="tide-tables.pdf", media_type="application/pdf")
    call = ToolCallPart(call_id="1", name="list_harbours", arguments='{"coast": "Fundy\\nBay"}', title="Looks for harbours")
    result = ToolResultPart(
        call_id="1", ok=True, parts=(OutputPart(mime_bundle={"text/html": "<b>Burntcoat</b> Head", "text/plain": "Burntcoat"}),)
    )
    parts = (ReasoningPart(text="The moon pulls"), TextPart(text="Sixteen metres"), call, result)
    record = await talk.ask(None, None, user_message_id=new_id(), user_parts=(file, QuotePart(message_id=new_id(), text="ebb")))
    await talk.store.finish_run(record.id, outcome(parts=parts))
    for query in ("moon", "sixteen", "harbours", "list_harbours", "fundy bay", "burntcoat"):
        assert [hit.message_id for hit in await hits(talk.store, query)] == [record.message_id], query
    for query in ("tide-tables.pdf", "tables", "ebb"):
        assert [hit.message_id for hit in await hits(talk.store, query)] == [record.user_message_id], query


async def test_an_image_is_found_by_the_name_of_its_file(talk: Talk, tmp_path: Path) -> None:
    file = await FileStore(tmp_path, talk.store.database).put(ADA, b"x", name="Gezeiten Übersicht.png", media_type="image/png")
    said = await say(talk, ImagePart(file_id=file.id, media_type="image/png"))
    assert [hit.message_id for hit in await hits(talk.store, "gezeiten has:image")] == [said]


async def test_titles_and_tags_are_found_and_follow_what_they_become(talk: Talk) -> None:
    store = talk.store
    await store.update(ADA, talk.id, {"title": "Tides of Fundy", "tags": ["sea", "work"]})
    [hit] = await hits(store, "tide")
    assert (hit.conversation_id, hit.message_id, hit.snippet) == (talk.id, None, "<mark>Tides</mark> of Fundy")
    assert [hit.snippet for hit in await hits(store, "work")] == ["Tides of Fundy · sea · <mark>work</mark>"]
    await store.update(ADA, talk.id, {"title": "Moons"})
    assert not await hits(store, "tide")
    await store.delete(ADA, talk.id)
    assert not await hits(store, "moons") and not await hits(store, "work")


async def test_a_phrase_is_found_only_in_its_order_and_what_is_taken_out_not_at_all(talk: Talk) -> None:
    there, _ = await say(talk, "the high tide comes at noon"), await say(talk, "tide tables: high water at noon")
    assert [hit.message_id for hit in await hits(talk.store, '"high tide"')] == [there]
    assert [hit.message_id for hit in await hits(talk.store, '"high tid')] == [there], "while it is typed"
    assert [hit.message_id for hit in await hits(talk.store, "noon -tables")] == [there]
    assert [hit.message_id for hit in await hits(talk.store, 'noon -"high water"')] == [there]
    assert len(await hits(talk.store, "comes OR tables")) == 2
    assert not await hits(talk.store, "comes tables")


async def test_one_conversation_is_searched_without_its_title_and_without_any_other(talk: Talk) -> None:
    store = talk.store
    await store.update(ADA, talk.id, {"title": "Tides"})
    other = await Talk.begin(store, title="Other")
    first, second = await say(talk, "the tide"), await say(talk, "tides")
    await say(other, "tide")
    query = parse("tide", datetime.now(UTC))
    found = await store.search(ADA, query, conversation_id=talk.id, limit=1)
    rest = await store.search(ADA, query, conversation_id=talk.id, cursor=found.next)
    assert {hit.message_id for hit in (*found.items, *rest.items)} == {first, second} and rest.next is None
    assert not (await store.search(BOB, query, conversation_id=talk.id)).items
    assert not (await store.search(ADA, query, conversation_id=new_id())).items


async def test_operators_narrow_what_is_found(talk: Talk) -> None:
    store = talk.store
    code = "the tide\n```python\nprint(1)\n```"
    answer = await talk.turn(None, "when is the tide?", code)
    question = (await store.message(ADA, answer)).parent_id
    image = await say(talk, "tide", ImagePart(url="data:image/png;base64,AA", media_type="image/png"))
    file = await say(talk, "tide", FilePart(file_id=new_id(), name="a.txt", media_type="text/plain"))
    tool = await say(talk, "tide", ToolCallPart(call_id="1", name="look", arguments="{}"))
    other = await Talk.begin(store, title="Other")
    folders = FolderStore(store.database)
    sea = await folders.add(ADA, FolderDraft(name="Deep sea"))
    bay = await folders.add(ADA, FolderDraft(name="Fundy", parent_id=sea.id))
    await store.update(ADA, other.id, {"tags": ["To do"], "pinned": True, "folder_id": bay.id})
    elsewhere = await say(other, "tide")
    await store.mark_message(ADA, talk.id, answer, {"starred": True})

    async def ids(query: str) -> set[str | None]:
        return {hit.message_id for hit in await hits(store, query)}

    here = {question, answer, image, file, tool}
    assert await ids("tide") == here | {elsewhere}
    assert await ids("tide role:assistant") == await ids("tide model:plain") == await ids("model:demo/pl") == {answer}
    assert await ids("tide -role:user") == await ids("has:code") == {answer}
    assert (await ids("has:image"), await ids("has:file"), await ids("has:tool")) == ({image}, {file}, {tool})
    assert await ids("tide -has:image -has:file -has:tool role:user") == {question, elsewhere}
    assert await ids('tag:"to do"') == await ids("tide is:pinned") == {elsewhere}
    assert await ids("tide in:fundy") == await ids('tide in:"deep sea"') == await ids("tide in:deep") == {elsewhere}
    assert await ids("tide -in:fundy") == here and await ids("tide in:nowhere") == set()
    assert await ids("is:starred") == await ids("tide is:starred") == {answer}
    assert await ids("tide -is:starred") == {question, image, file, tool, elsewhere}
    assert await ids("tide -is:pinned") == await ids('tide -tag:"To do"') == here
    assert await ids("tide after:today") == await ids("tide before:2090 after:2026") == here | {elsewhere}
    assert await ids("tide before:yesterday") == await ids("tide tag:nothing") == await ids("tide model:gpt") == set()


@pytest.mark.parametrize(
    "query", ["role:", "has:im", "after:", '"', "-", "tide -", "in:", "tide (", "a* ^b {c} NEAR(d)", "'; --", "tide)"]
)
async def test_nothing_that_is_being_typed_is_an_error(talk: Talk, query: str) -> None:
    await say(talk, "tide")
    assert not (await talk.store.search(ADA, parse(query, NOW))).notes


@pytest.mark.parametrize(
    ("query", "code", "said"),
    [
        ("has:music", "bad_value", "image, code, file, tool"),
        ("role:boss", "bad_value", "user, assistant"),
        ("before:noon", "bad_value", "2026-10-05"),
        ("rol:user", "unknown_operator", "role:"),
        ("???", "nothing", "no letters"),
        ("x" * 2000, "too_long", "1000"),
    ],
)
async def test_what_makes_no_sense_is_said_with_what_would(query: str, code: str, said: str) -> None:
    [note] = parse(query, NOW).notes
    assert note.code == code and said in note.message


@pytest.mark.parametrize(
    ("value", "name"),
    [(r'"the \"best\" ones"', 'the "best" ones'), (r'"say \"hi\""', 'say "hi"'), (r'"C:\\dir\x"', r"C:\dir\x"), (r"a\b", r"a\b")],
)
def test_a_name_has_quotation_marks_of_its_own(value: str, name: str) -> None:
    query = parse(f"in:{value} tide", NOW)
    assert (query.folders, len(query.words), query.notes) == ((name,), 1, ())


async def test_what_is_deleted_or_anothers_or_temporary_is_in_no_hit(talk: Talk) -> None:
    store = talk.store
    answer = await talk.turn(None, "secret tide", "an answer")
    question = (await store.message(ADA, answer)).parent_id
    assert question is not None
    temporary = await Talk.begin(store, temporary=True)
    await temporary.turn(None, "secret of this tab")
    assert not await hits(store, "secret", BOB)
    bob = NewMessage(client_request_id=new_id(), parent_id=None, role="user", parts=(TextPart(text="a secret of Bob's"),))
    theirs = (await store.add_message(BOB, (await store.create(BOB, title="secret")).id, bob)).id
    assert {hit.message_id for hit in await hits(store, "secret", BOB)} == {theirs, None}
    assert [hit.message_id for hit in await hits(store, "secret")] == [question]
    await store.delete_message(ADA, talk.id, question)
    assert not await hits(store, "secret") and not await hits(store, "answer")
    await store.restore_message(ADA, talk.id, question)
    assert len(await hits(store, "secret")) == len(await hits(store, "an answer")) == 1


async def test_a_snippet_shows_where_it_stands_and_is_no_markup(talk: Talk) -> None:
    await say(talk, f"{'water ' * 200}<script>alert('tide & moon')</script>{' sand' * 200}")
    [hit] = await hits(talk.store, "moon tide")
    marked = "&lt;script&gt;alert(&#x27;<mark>tide</mark> &amp; <mark>moon</mark>&#x27;)&lt;/script&gt;"
    assert marked in hit.snippet and hit.snippet.startswith("… water") and len(hit.snippet) < 300


async def test_the_exact_word_comes_before_other_forms_and_the_new_before_the_old(talk: Talk) -> None:
    exact, stem = await say(talk, "the runner"), await say(talk, "the runners")
    assert [hit.message_id for hit in await hits(talk.store, "runner ")] == [exact, stem]
    assert [hit.message_id for hit in await hits(talk.store, "runners")] == [stem, exact]
    old, new = await say(talk, "equal words"), await say(talk, "equal words")
    assert [hit.message_id for hit in await hits(talk.store, "equal")] == [new, old]


async def test_pages_hold_every_hit_once(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "WINDOW", 4)
    said = {await say(talk, f"tide {'x ' * number}") for number in range(11)}
    await talk.store.update(ADA, talk.id, {"title": "Tide"})
    seen: list[str | None] = []
    cursor = None
    while True:
        page = await talk.store.search(ADA, parse("tide", NOW), limit=3, cursor=cursor)
        seen += [hit.message_id for hit in page.items]
        if (cursor := page.next) is None:
            break
        await say(talk, "tide that came meanwhile")
    assert len(seen) == 12 and set(seen) == said | {None}


async def test_ones_own_are_found_newest_first_among_those_of_others(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    for where, name, value in ((find, "WINDOW", 4), (matches, "_NEWEST", 2), (matches, "_NEAR", 5)):
        monkeypatch.setattr(where, name, value)
    store, theirs = talk.store, (await talk.store.create(BOB, title="tide")).id
    said: list[str] = []

    def work(c: Any) -> None:
        rows: list[dict[str, Any]] = []
        for number in range(60):
            where = theirs if number % 3 else talk.id
            at = NOW - timedelta(minutes=100 - number)
            rows.append({"id": new_id(), "conversation_id": where, "role": "user", "status": "complete", "created_at": at})
        c.execute(insert(messages), rows)
        for number, row in enumerate(rows):
            write_parts(c, row["id"], (TextPart(text="tide" if number % 2 or number < 20 else "ebb"),))
        said.extend(row["id"] for n, row in enumerate(rows) if row["conversation_id"] == talk.id and (n % 2 or n < 20))

    await store.database.write(work)
    seen: list[str | None] = []
    cursor = None
    while True:
        page = await store.search(ADA, parse("tide", NOW), limit=4, cursor=cursor)
        seen += [hit.message_id for hit in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == said[::-1]


async def test_what_came_in_was_forked_saved_in_other_words_or_brought_back_is_found(talk: Talk) -> None:
    store = talk.store
    first = await talk.turn(None, "Why?", "The moon pulls the tide.")
    question = (await store.message(ADA, first)).parent_id
    other = await say(talk, "The sun pulls the tide.", role="assistant", parent_id=question)
    fork = await store.copy(ADA, talk.id, CopyDraft(client_request_id=new_id(), at=other))
    _, imported = await store.add_bundle(ADA, TALK, {})
    await store.delete_message(ADA, talk.id, first)
    assert {hit.conversation_id for hit in await hits(store, "moon role:assistant")} == {imported}
    await store.restore_message(ADA, talk.id, first)
    assert {hit.conversation_id for hit in await hits(store, "moon role:assistant")} == {imported, talk.id}
    assert {hit.conversation_id for hit in await hits(store, "sun pulls")} == {talk.id, fork.id}


async def test_a_text_is_found_letter_by_letter_on_the_path_that_is_shown(talk: Talk) -> None:
    store = talk.store
    first = await talk.turn(None, "Where is the **high** tide?", "In the Bay of Fundy: `high_tide()`, high tide,\nhigh\n  TIDE.")
    question = (await store.message(ADA, first)).parent_id
    await talk.turn(first, "And elsewhere, a high tide?", "No.")
    other = await talk.turn(None, "high tide of another branch", "Yes.")

    async def counts(wanted: str, **kwargs: Any) -> dict[str, int]:
        return {one.message_id: one.count for one in await store.mentions(ADA, talk.id, wanted, **kwargs)}

    assert await counts("high tide", leaf=first) == {first: 2}, "what a person typed is shown as it is, stars and all"
    assert list((await counts("high", leaf=first)).items()) == [(question, 1), (first, 3)]
    assert await counts("HIGH_tide", leaf=first) == await counts("high_tíde()", leaf=first) == {first: 1}
    assert await counts("**high**", leaf=first) == {question: 1}
    assert list((await counts("yes")).keys()) == [other], "without a leaf it is the path that is shown"
    assert await counts(" ") == await counts("nowhere") == {}
    temporary = await Talk.begin(store, temporary=True)
    said = await temporary.turn(None, "why", "a temporary tide")
    assert [one.message_id for one in await store.mentions(ADA, temporary.id, "tide")] == [said]
    with pytest.raises(NotFound):
        await store.mentions(BOB, talk.id, "tide")
    with pytest.raises(NotFound):
        await store.mentions(ADA, temporary.id, "tide", leaf=first)


@pytest.mark.parametrize("cursor", ["x", "WyIxIiwieCIsIiJd", "WyIxIl0", "é"])
async def test_a_cursor_that_we_did_not_make_is_refused(talk: Talk, cursor: str) -> None:
    with pytest.raises(Malformed):
        await talk.store.search(ADA, parse("tide", NOW), cursor=cursor)


async def test_a_message_longer_than_an_entry_is_found_by_all_of_it(talk: Talk) -> None:
    words = [f"word{number}" for number in range(12_000)]
    said = await say(talk, " ".join(words))
    for number in (0, 1_777, 2_000, 7_000, 11_998):
        [hit] = await hits(talk.store, f'"word{number} word{number + 1}"')
        assert hit.message_id == said and f"<mark>word{number}" in hit.snippet


async def test_old_messages_that_came_later_stand_at_their_time(store: ConversationStore) -> None:
    talk = await Talk.begin(store)
    await say(talk, "tide of today")
    year = timedelta(days=365)

    def work(c: Any) -> None:
        for number in range(3):
            values = {
                "id": new_id(),
                "conversation_id": talk.id,
                "role": "user",
                "status": "complete",
                "created_at": NOW - number * year,
            }
            c.execute(insert(messages), values)
            write_parts(c, values["id"], (TextPart(text=f"tide {number}"),))

    await store.database.write(work)
    assert await found(store, "tide before:2w") == ["tide 1", "tide 2"]
    assert await found(store, f"tide after:{(NOW - 1.5 * year).date()} before:{(NOW - 0.5 * year).date()}") == ["tide 1"]
