"""What comes out of each product's export: branches, models, times, thoughts, tools, files; and what is said of the rest."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmhub.conversations.store import ConversationStore
from llmhub.conversations.transfer.bundle import Bundle
from llmhub.conversations.transfer.chatgpt import cited
from llmhub.conversations.transfer.open_webui import unfolded
from llmhub.conversations.transfer.tree import Found, grow
from llmhub.errors import LLMHubError
from llmhub.messages import (
    FilePart,
    ImagePart,
    Message,
    OutputPart,
    Part,
    Rating,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

from ..talk import ADA
from .archives import FIXTURES, PNG, fixture, logs, packed, read

ALL = sorted(path.name for path in FIXTURES.iterdir())


def said(message: Message) -> list[str]:
    return [_short(part) for part in message.parts]


def _short(part: Part) -> str:
    match part:
        case TextPart(text=text):
            return text
        case ReasoningPart(text=text):
            return f"thought: {text}"
        case ToolCallPart(name=name, arguments=arguments):
            return f"call {name} {json.dumps(json.loads(arguments))}"
        case ToolResultPart(ok=ok, parts=inner):
            return f"result {'ok' if ok else 'failed'}: {' '.join(_short(one) for one in inner)}"
        case ImagePart(media_type=kind, url=url):
            return f"image {url or kind}"
        case FilePart(name=name):
            return f"file {name}"
        case OutputPart(mime_bundle=bundle):
            return f"output {' '.join(bundle)}"
        case _:
            return part.type


def outline(bundle: Bundle) -> list[tuple[str, str | None, str, str | None, list[str]]]:
    return [(one.id, one.parent_id, one.role, one.model, said(one)) for one in bundle.messages]


# ---- ChatGPT


def test_chatgpt_branches_models_times_and_flags():
    talk = fixture("chatgpt.json")["Branches"]
    assert outline(talk) == [
        ("q", None, "user", None, ["Why is the sky blue?"]),
        ("a1", "q", "assistant", "gpt-4o", ["Rayleigh scattering."]),
        ("q2", "a1", "user", None, ["And at dusk?"]),
        ("a3", "q2", "assistant", "o3", ["Longer paths."]),
        ("a2", "q", "assistant", "gpt-4o-mini", ["Because of the air."]),
    ]
    assert (talk.head, talk.archived, talk.pinned, talk.model) == ("a2", True, True, "gpt-4o")
    assert talk.messages[3].finish_reason == "length"
    assert talk.messages[0].created_at == datetime.fromtimestamp(1700000001, UTC)
    assert talk.updated_at == datetime.fromtimestamp(1700000900.25, UTC)


def test_chatgpt_one_answer_of_thoughts_tools_and_text_is_one_message():
    [_, answer] = fixture("chatgpt.json")["Thoughts and tools"].messages
    assert said(answer) == [
        "thought: **Planning**\n\nUse numpy.\n\nThen plot.",
        'call python {"code": "print(1)"}',
        "result ok: 1",
        "Done.",
    ]
    [call, result] = [part for part in answer.parts if isinstance(part, ToolCallPart | ToolResultPart)]
    assert call.call_id == result.call_id


def test_chatgpt_sources_become_links_and_marks_that_mean_nothing_go():
    [_, answer] = fixture("chatgpt.json")["Citations"].messages
    assert said(answer) == [
        "Rain today. ([Weather \\[a\\]](https://example.com/a%28b%29)) Sun tomorrow ([Sun](https://example.com/sun)) and ."
    ]


def test_chatgpt_circles_lost_parents_bad_times_and_unknown_content_lose_nothing():
    talk = fixture("chatgpt.json")["Broken links"]
    assert outline(talk)[0] == ("lost", None, "user", None, ["My parent is gone"])
    [odd] = outline(talk)[1][4]
    assert odd.startswith("Earlier than my question\n\n```json") and odd.endswith("Still here")
    assert [one[:2] for one in outline(talk)[2:]] == [("x", None), ("y", "x")]
    times = {message.id: message.created_at for message in talk.messages}
    assert times["lost"] == talk.created_at and times["late"] > times["lost"]
    assert talk.head is None


def test_chatgpt_words_without_a_content_type_are_words(tmp_path: Path):
    node = {"id": "q", "message": {"author": {"role": "user"}, "content": {"parts": ["Hello"]}}}
    (file := tmp_path / "x.json").write_text(json.dumps([{"id": "c", "mapping": {"q": node}}]))
    [talk] = read(file)[0]
    assert outline(talk) == [("q", None, "user", None, ["Hello"])]


def test_chatgpt_says_of_each_entry_why_it_does_not_come_in():
    skipped = {one.name: one.reason for one in read(FIXTURES / "chatgpt.json")[1]}
    assert set(skipped) == {"Corrupt", "chatgpt.json, no. 7", "chatgpt.json, no. 8", "Empty"}
    assert skipped["Empty"] == "There is no message in it."


def test_chatgpt_many_files_in_a_zip_with_pictures_and_attachments(tmp_path: Path):
    talks = json.loads((FIXTURES / "chatgpt.json").read_text())
    archive = packed(
        tmp_path / "export.zip",
        **{
            "user.json": b'{"id": "user-1"}',
            "chat.html": b"<html>",
            "conversations-000.json": json.dumps(talks[:3]).encode(),
            "conversations-001.json": json.dumps(talks[5:6]).encode(),
            "conversation_asset_file_names.json": b'{"file_0001.dat": "My cat.png"}',
            "file_0001.dat": PNG,
            "sub/file-0002-data.csv": b"a,b",
            "dalle-generations/file_0003-sanitized.png": PNG,
            "broken.json": b'[{"mapping": ',
        },
    )
    bundles, skipped = read(archive)
    assert [bundle.title for bundle in bundles] == ["Branches", "Thoughts and tools", "Pictures"]
    [question, drawn] = bundles[2].messages
    assert said(question) == [
        "Before.",
        "image image/png",
        "After.\n\n*A picture was here; it is not in the export.*",
        "file data.csv",
    ]
    assert "image image/png" in said(drawn)
    assert next((ref.name, ref.media_type, ref.size) for ref in bundles[2].files) == ("My cat.png", "image/png", len(PNG))
    reasons = {one.name: one.reason for one in skipped}
    assert reasons.keys() == {"Corrupt", "broken.json"}
    assert reasons["broken.json"] == "It is broken JSON. The download may have been cut off. Export and download it again."


@pytest.mark.parametrize(
    ("entry", "rating"),
    [
        (
            {"message_id": "a1", "rating": "thumbsDown", "content": {"tags": ["harmful", "false"], "text": "No."}},
            Rating(value=-1, reason="inaccurate", text="harmful\nNo.", rated_at=datetime.fromtimestamp(1700000002, UTC)),
        ),
        (
            {"id": "a1", "rating": "thumbs_up", "content": '{"text": "Yes."}', "create_time": "2023-11-14T23:00:00Z"},
            Rating(value=1, text="Yes.", rated_at=datetime(2023, 11, 14, 23, tzinfo=UTC)),
        ),
        (
            {"id": "a1", "rating": "thumbs_down", "content": '{"tags": ["Don\'t like the style", "odd"]}', "create_time": 1.7e9},
            Rating(value=-1, reason="style", text="odd", rated_at=datetime.fromtimestamp(1.7e9, UTC)),
        ),
        ({"id": "a1", "rating": "sideways", "content": 7}, None),
        ("no object", None),
    ],
)
def test_chatgpt_ratings_lie_beside_the_conversations_in_two_shapes(entry: Any, rating: Rating | None, tmp_path: Path):
    talks = json.loads((FIXTURES / "chatgpt.json").read_text())[:1]
    files = {"conversations.json": json.dumps(talks).encode(), "message_feedback.json": json.dumps([entry]).encode()}
    ([talk], skipped) = read(packed(tmp_path / "export.zip", **files))
    assert not skipped
    assert {message.id: message.rating for message in talk.messages} == {
        message.id: rating if message.id == "a1" else None for message in talk.messages
    }


def test_a_hostile_answer_takes_no_time():
    began = time.process_time()
    for text in ("\ue200" * 32_000, "【1†" * 11_000, "[" * 32_000):
        cited(text, {"citations": [{"start_ix": 0, "end_ix": 0, "metadata": {"url": "https://x.y", "title": text}}]})
    for text in (
        '<details type="reasoning"' * 1_300,
        '<details type="reasoning">' * 1_300 + "</details>",
        '<details type="a" b="' * 1_300,
    ):
        list(unfolded(text))
    assert time.process_time() - began < 0.5


# ---- the others


def test_claude_thoughts_tools_sources_attachments_and_branches():
    talks = fixture("claude.json")
    assert set(talks) == {"Tides", "", "Branches"}
    [question, answer] = talks["Tides"].messages
    assert said(question) == ["Why tides?", "file notes.txt", "*photo.png was here; it is not in the export.*"]
    assert said(answer)[:3] == [
        "thought: Gravity.",
        'call web_search {"query": "tides"}',
        "result ok: [Tide](https://example.com/tide)\nTwice a day",
    ]
    assert said(answer)[3].startswith("The moon ([Tide](https://example.com/tide)).\n\n```json")
    assert answer.parts[0] == ReasoningPart(text="Gravity.", duration_ms=2000.0)
    assert talks["Tides"].notes == ("photo.png is not in the export.",)
    assert [said(message) for message in talks[""].messages] == [["Old export, only text"], ["Yes."]]
    branches = talks["Branches"]
    assert [(one.id, one.parent_id) for one in branches.messages] == [("h1", None), ("a3", "h1"), ("a4", "h1")]
    assert (branches.head, branches.pinned, branches.model) == ("a3", True, "claude-sonnet-4-5")


def test_librechat_flat_and_recursive_with_options():
    flat = fixture("librechat.json")["Flat"]
    assert flat.params == {"system": "Be brief.", "temperature": 0.3} and flat.model == "gpt-4o"
    by_id = {message.id: message for message in flat.messages}
    assert said(by_id["q"]) == ["Why?", "file a.txt", "*b.png was here; it is not in the export.*"]
    assert said(by_id["a"])[:3] == ["thought: Hmm.", "Because.", 'call calc {"x": 1}']
    assert (by_id["b"].status, by_id["f"].status, by_id["c"].parent_id) == ("failed", "stopped", None)
    assert "e" not in by_id and flat.head == "f"
    rated = Rating(value=-1, reason="refused", text="It could have.", rated_at=datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC))
    assert [message.rating for message in flat.messages if message.rating] == [rated]
    tree = fixture("librechat_recursive.json")["Tree"]
    assert [(one.id, one.parent_id) for one in tree.messages] == [("q", None), ("a", "q"), ("q2", "a"), ("b", "q")]


def test_librechat_a_deep_recursive_export(tmp_path: Path):
    text = '{"conversationId": "d", "messages": [' + _nested(1500) + "]}"
    (tmp_path / "deep.json").write_text(text)
    [[talk], _] = read(tmp_path / "deep.json")
    assert len(talk.messages) == 1500


def _nested(depth: int) -> str:
    head = "".join(f'{{"messageId": "{at}", "text": "x", "isCreatedByUser": true, "children": [' for at in range(depth))
    return head + "]}" * depth


def test_open_webui_unfolds_thoughts_and_tools_of_both_ages():
    talk = fixture("open_webui.json")["Folded"]
    by_id = {message.id: message for message in talk.messages}
    assert said(by_id["q"]) == ["Look", "image image/png", "file t.txt", "*away.pdf was here; it is not in the export.*"]
    assert said(by_id["a1"]) == [
        "thought: First <this>\nthen that",
        "Hello",
        'call search {"q": 1}',
        "result ok: found",
        "world\n\n**Sources**\n\n- [Docs](https://example.com/d)",
    ]
    assert said(by_id["a2"]) == ["thought: Thinking", "call calc {}", "result ok: 42", "It is 42."]
    assert by_id["a3"].status == "failed" and by_id["a3"].error is not None and by_id["a3"].error.message == "No such model"
    assert by_id["a1"].usage is not None and by_id["a1"].usage.output_tokens == 4
    rated = {one.id: (one.rating.value, one.rating.reason, one.rating.text) for one in talk.messages if one.rating}
    assert rated == {"a1": (1, "creative", "Nice"), "a2": (-1, None, "too verbose")}
    assert (talk.head, talk.archived, talk.pinned, talk.tags, talk.params) == (
        "a2",
        True,
        True,
        ("science",),
        {"system": "Be kind.", "temperature": 0.7},
    )
    listed = fixture("open_webui.json")["Listed"]
    assert [said(message) for message in listed.messages] == [
        ["Hi", "image https://example.com/x.png"],
        ['<details type="reasoning" unclosed'],
    ]
    assert listed.created_at == datetime.fromtimestamp(1730000000, UTC)


def test_chatbot_ui_with_folders_and_its_first_version():
    talk = fixture("chatbot_ui.json")["Folder talk"]
    assert [said(message) for message in talk.messages] == [["One"], ["Two"], ["Three"]]
    assert (talk.folder, talk.model, talk.params) == (("Work",), "gpt-4", {"system": "Be short.", "temperature": 0.5})
    assert [said(one) for one in fixture("chatbot_ui_1.json")["First version"].messages] == [["Q"], ["A"]]


def test_jupyter_ai_people_personas_outputs_and_attachments():
    talk = fixture("jupyter_ai.chat")["jupyter_ai"]
    assert [(one.role, said(one)) for one in talk.messages] == [
        ("user", ["**Ada L:** @Jupyternaut explain this", "file a.py", "*b.ipynb was here; it is not in the export.*"]),
        ("assistant", ["It sums."]),
        ("assistant", ["output text/html"]),
        ("user", ["**Bob:** Me too"]),
    ]


def test_notebook_intelligence_joins_an_answers_lines_and_leaves_helpers_out():
    talk = fixture("notebook_intelligence.jsonl")["Sum a column"]
    assert [said(message) for message in talk.messages] == [
        ["Sum column b", "image image/png"],
        ["thought: Read it.", 'call Read {"path": "a.csv"}', "result ok: a,b\n1,2", "It is 2."],
    ]
    assert talk.model == "claude-opus-4-1" and talk.notes == ("1 of its lines could not be read.",)


def test_llm_both_generations_with_forks_fragments_and_attachments(tmp_path: Path):
    for path in (logs(tmp_path / "logs.db"), packed(tmp_path / "z.zip", **{"x/logs.db": (tmp_path / "logs.db").read_bytes()})):
        new, old = read(path)[0]
        assert outline(new) == [
            ("m1", None, "user", None, ["See: A fragment.", "image image/png"]),
            ("m3", "m1", "assistant", "gpt-5", ["Second"]),
            ("m2", "m1", "assistant", "gpt-5", ["thought: So", "First"]),
        ]
        assert (new.head, new.title) == ("m3", "New store")
        assert [said(message) for message in old.messages] == [
            ["A fragment.\n\nNames?", "image image/png"],
            ["thought: Hm", 'call names {"n": 1}', "result ok: Percy", "Percy."],
        ]
        assert old.params == {"system": "Be funny", "temperature": 0.5}
    (tmp_path / "torn.db").write_bytes((tmp_path / "logs.db").read_bytes()[:5000])
    with pytest.raises(LLMHubError):
        read(tmp_path / "torn.db")


# ---- all of them


@pytest.mark.parametrize("name", ALL)
async def test_every_fixture_comes_in_as_it_is_and_only_once(name: str, tmp_path: Path):
    store = ConversationStore(tmp_path / "llmhub.db", backups=tmp_path)
    try:
        for bundle in read(FIXTURES / name)[0]:
            outcome, id = await store.add_bundle(ADA, bundle, {})
            assert outcome == "new"
            nodes = {node.id: node for node in await store.tree(ADA, id)}
            assert [node.created_at for node in nodes.values()] == sorted(message.created_at for message in bundle.messages)
            assert list(nodes) == sorted(nodes)
            path = (await store.path(ADA, id)).items
            if bundle.head is not None:
                wanted = next(message for message in bundle.messages if message.id == bundle.head)
                assert said(path[-1]) == said(wanted)
            assert (await store.standing(ADA, bundle)).outcome == "unchanged"
        again = [await store.add_bundle(ADA, bundle, {}) for bundle in read(FIXTURES / name)[0]]
        assert {outcome for outcome, _ in again} == {"unchanged"}
    finally:
        await store.aclose()


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_stands_in_an_export_never_breaks_its_reader(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
):
    text = (FIXTURES / name).read_text()
    values = (
        [json.loads(text)]
        if not name.endswith("jsonl")
        else [json.loads(line) for line in text.splitlines() if "broken" not in line]
    )
    for _ in range(data.draw(st.integers(1, 4))):
        _disturb(values, data)
    out = tmp_path_factory.mktemp("fuzz") / name
    lines = [json.dumps(value) for value in values]
    cut = data.draw(st.integers(0, 3)) == 0
    whole = "\n".join(lines)
    out.write_text(whole[: data.draw(st.integers(0, len(whole)))] if cut else whole)
    try:
        bundles, skipped = read(out)
    except LLMHubError:
        return
    assert not [one for one in skipped if "Please report it" in one.reason]
    for bundle in bundles:
        ids: set[str | None] = {None}
        for message in bundle.messages:
            assert message.parent_id in ids and message.id not in ids
            ids.add(message.id)
        assert bundle.head in ids and bundle.created_at <= bundle.updated_at


def _disturb(value: Any, data: st.DataObject) -> None:
    """Put something else in some place of a value."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(value[key], dict | list) or not value[key] or data.draw(st.integers(0, 4)) == 0:
            value[key] = data.draw(JUNK)
            return
        value = value[key]


@settings(max_examples=60, deadline=None)
@given(
    links=st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 12) | st.none(), st.integers(0, 3), st.integers(-5, 5)), max_size=14
    )
)
def test_any_tangle_of_nodes_is_a_tree_that_holds_every_message(links: list[tuple[int, int | None, int, int]]):
    begun = datetime(2024, 1, 1, tzinfo=UTC)
    nodes = [
        Found(
            id=str(id),
            parent=None if parent is None else str(parent),
            role="user" if kind == 0 else "assistant",
            parts=() if kind == 3 else (TextPart(text=f"{id};"),),
            at=begun + timedelta(minutes=minute),
            joins=kind == 2,
        )
        for id, parent, kind, minute in links
    ]
    tree = grow(nodes, begun)
    times: dict[str | None, datetime] = {}
    for message in tree.messages:
        assert message.parent_id is None or message.created_at > times[message.parent_id]
        times[message.id] = message.created_at
    first = {node.id: node for node in reversed(nodes)}
    wanted = sorted(node.id for node in first.values() if node.parts)
    held = "".join(_short(part) for message in tree.messages for part in message.parts).replace("\n", "")
    assert sorted(held.split(";")[:-1]) == wanted
    leaves = times.keys() - {message.parent_id for message in tree.messages}
    assert all(tree.head(id) in leaves for id in tree.places)
