"""The turns that a wire is given: alternating, answered, without holes."""

from __future__ import annotations

from llmhub.errors import NotFound
from llmhub.messages import FilePart, ImagePart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from llmhub.providers.base import FileData, no_files
from llmhub.providers.history import Attached, Called, Returned, Said, Seen, Turn, history_of, prompt_of

from .asking import message, question


async def turns(*messages: Message | str, wire: str = "openai", **more: object) -> list[Turn]:
    return list((await history_of(question("m", *messages), wire, **more)).turns)  # type: ignore[arg-type]


def call(name: str) -> ToolCallPart:
    return ToolCallPart(call_id=name, name=name, arguments="")


def result(name: str, text: str = "done") -> ToolResultPart:
    return ToolResultPart(call_id=name, ok=True, parts=(TextPart(text=text),))


def shape(found: list[Turn]) -> list[tuple[str, list[str]]]:
    names = {Said: "text", Called: "call", Returned: "result", Seen: "image", Attached: "file"}
    return [(turn.role, [names[type(item)] for item in turn.items]) for turn in found]


async def test_a_message_with_calls_and_results_becomes_turns_in_their_order() -> None:
    parts = (TextPart(text="look"), call("a"), result("a"), TextPart(text="then"), call("b"), result("b"), TextPart(text="so"))
    assert shape(await turns("go", message("assistant", *parts))) == [
        ("user", ["text"]),
        ("assistant", ["text", "call"]),
        ("tool", ["result"]),
        ("assistant", ["text", "call"]),
        ("tool", ["result"]),
        ("assistant", ["text"]),
    ]


async def test_calls_made_together_are_answered_together() -> None:
    found = await turns("go", message("assistant", call("a"), call("b"), result("b", "two"), result("a", "one")))
    assert shape(found)[1:] == [("assistant", ["call", "call"]), ("tool", ["result", "result"])]
    assert [(item.name, item.text) for item in found[2].items if isinstance(item, Returned)] == [("a", "one"), ("b", "two")]


async def test_results_in_a_message_of_their_own_are_found() -> None:
    found = await turns("go", message("assistant", call("a")), message("tool", result("a")), message("user", "thanks"))
    assert shape(found) == [("user", ["text"]), ("assistant", ["call"]), ("tool", ["result"]), ("user", ["text"])]


async def test_answers_whose_calls_have_the_same_ids_keep_their_own_results() -> None:
    stopped, first, second = (call("a"),), (call("a"), result("a", "one")), (call("a"), result("a", "two"))
    found = await turns(*(each for parts in (stopped, first, second) for each in ("go", message("assistant", *parts))))
    said = [item.text for turn in found for item in turn.items if isinstance(item, Returned)]
    assert said[0].startswith("There is no result") and said[1:] == ["one", "two"]


async def test_a_result_without_a_call_is_left_out() -> None:
    assert shape(await turns("go", message("assistant", result("nobody")), message("user", "on"))) == [("user", ["text", "text"])]


async def test_empty_arguments_are_an_empty_object() -> None:
    (_, asked, _) = await turns("go", message("assistant", call("a")))
    assert [item.arguments for item in asked.items if isinstance(item, Called)] == ["{}"]


async def test_a_history_that_begins_with_an_answer_is_introduced() -> None:
    assert shape(await turns(message("assistant", "hello"), "hi"))[0][0] == "user"


async def test_neighbours_of_one_side_are_joined_with_a_blank_line() -> None:
    (turn,) = await turns("one", "two")
    assert turn.text == "one\n\ntwo"


async def test_answers_whose_thoughts_are_left_out_are_counted_not_their_parts() -> None:
    thoughts = [ReasoningPart(text=text) for text in ("first", "then", "so")]
    answers = [message("assistant", *thoughts, said).model_copy(update={"model": "other/thinker"}) for said in ("one", "two")]
    request = question("m", "go", answers[0], "on", answers[1], "and", provider="lab")
    (note,) = (await history_of(request, "openai")).adapted
    assert (note.what, note.how, note.name, note.count) == ("reasoning", "left_out", "other/thinker", 2)


async def test_a_file_the_wire_takes_comes_as_bytes_and_any_other_as_words() -> None:
    async def load(file_id: str) -> FileData:
        return FileData(b"%PDF-1.7 \0", "application/pdf", "a.pdf")

    pdf = FilePart(file_id="1", name="a.pdf", media_type="application/pdf")
    request = question("m", message("user", pdf), load_file=load)
    (taken,) = (await history_of(request, "anthropic", attachable=("application/pdf",))).turns
    assert taken.items == [Attached(b"%PDF-1.7 \0", "application/pdf", "a.pdf")]
    (named,) = (await history_of(request, "ollama")).turns
    assert "a.pdf" in named.text and "cannot be shown" in named.text


async def test_an_image_that_is_gone_is_said_and_breaks_nothing() -> None:
    async def gone(file_id: str) -> FileData:
        raise NotFound("no such file")

    for load in (gone, no_files):
        request = question("m", message("user", ImagePart(file_id="x"), "What?"), load_file=load)
        (turn,) = (await history_of(request, "openai")).turns
        assert "no longer stored" in turn.text and "What?" in turn.text


async def test_a_large_text_file_is_cut_and_says_so() -> None:
    async def load(file_id: str) -> FileData:
        return FileData(b"x" * 500_000, "text/csv", "big.csv")

    part = FilePart(file_id="1", name="big.csv", media_type="text/csv")
    (turn,) = (await history_of(question("m", message("user", part), load_file=load), "openai")).turns
    assert "100000 more bytes" in turn.text
    assert len(turn.text) < 401_000


async def test_a_file_with_fences_stays_inside_its_own() -> None:
    async def load(file_id: str) -> FileData:
        return FileData(b"```python\n1\n```", "text/markdown", "a.md")

    part = FilePart(file_id="1", name="a.md", media_type="text/markdown")
    (turn,) = (await history_of(question("m", message("user", part), load_file=load), "openai")).turns
    assert "````\n```python" in turn.text


def test_what_the_user_wrote_is_known_for_finding_echoes() -> None:
    request = question("m", "my question", message("assistant", "answer"), system="be brief")
    assert "my question" in prompt_of(request) and "be brief" in prompt_of(request)
