from __future__ import annotations

import random

import pytest

from llmhub.errors import NotFound
from llmhub.ids import new_id
from llmhub.messages import ReasoningPart, TextPart, Usage

from .talk import ADA, Talk, outcome


async def test_a_turn_is_a_question_with_its_answer_below(talk: Talk) -> None:
    run = await talk.ask(text="How are you?")
    page = await talk.store.path(ADA, talk.id)
    question, answer = page.items
    assert page.next is None
    assert (question.id, question.parent_id, question.role, question.status) == (run.user_message_id, None, "user", "complete")
    assert question.parts == (TextPart(text="How are you?"),)
    assert (answer.id, answer.parent_id, answer.role, answer.status) == (run.message_id, question.id, "assistant", "running")
    assert (answer.model, answer.run_id, answer.parts) == ("demo/plain", run.id, ())
    assert [message.conversation_id for message in page.items] == [talk.id, talk.id]


async def test_the_path_leads_from_the_root_to_the_head_or_to_any_message(talk: Talk) -> None:
    first = await talk.turn(text="1", answer="one")
    await talk.turn(first, text="2", answer="two")
    assert await talk.texts() == ["1", "one", "2", "two"]
    assert await talk.texts(leaf=first) == ["1", "one"]


async def test_siblings_are_listed_oldest_first_and_include_the_message_itself(talk: Talk) -> None:
    first = await talk.ask(text="1")
    await talk.store.finish_run(first.id, outcome())
    again = await talk.ask(first.user_message_id, None)
    edited = await talk.ask(None, "1, better")
    question, answer = (await talk.store.path(ADA, talk.id, leaf=again.message_id)).items
    assert question.sibling_ids == (first.user_message_id, edited.user_message_id)
    assert answer.sibling_ids == (first.message_id, again.message_id)
    assert (await talk.store.message(ADA, answer.id)) == answer
    assert (await talk.store.message(ADA, question.id)) == question


async def test_pages_of_a_path_go_up_to_the_root(talk: Talk) -> None:
    head = None
    for n in range(4):
        head = await talk.turn(head, f"q{n}", f"a{n}")
    low = await talk.store.path(ADA, talk.id, limit=3)
    await talk.turn(head, "later", "later")
    middle = await talk.store.path(ADA, talk.id, limit=3, cursor=low.next)
    top = await talk.store.path(ADA, talk.id, limit=3, cursor=middle.next)
    said = [[part.text for m in page.items for part in m.parts] for page in (low, middle, top)]  # type: ignore[union-attr]
    assert said == [["a2", "q3", "a3"], ["q1", "a1", "q2"], ["q0", "a0"]]
    assert top.next is None


async def test_the_root_of_every_page_knows_its_siblings(talk: Talk) -> None:
    first = await talk.turn(text="1")
    other = await talk.turn(text="1b")
    page = await talk.store.path(ADA, talk.id, leaf=first, limit=2)
    assert len(page.items[0].sibling_ids) == 2 and page.next is None
    page = await talk.store.path(ADA, talk.id, leaf=other, limit=1)
    assert page.items[0].sibling_ids == (other,) and page.next is not None


async def test_picking_a_branch_shows_the_newest_leaf_below_it(talk: Talk) -> None:
    first = await talk.turn(text="1")
    left = await talk.turn(first, "left")
    old = await talk.turn(left, "left, old")
    new = await talk.turn(left, "left, new")
    right = await talk.turn(first, "right")
    assert await talk.head() == right
    picked = await talk.store.update(ADA, talk.id, {"head_id": left})
    assert picked.head_id == new == await talk.head()
    assert (await talk.store.update(ADA, talk.id, {"head_id": old})).head_id == old
    assert (await talk.store.update(ADA, talk.id, {"head_id": first})).head_id == right


async def test_a_head_in_another_conversation_is_not_found(talk: Talk) -> None:
    here = await talk.turn()
    elsewhere = await (await Talk.begin(talk.store)).turn()
    for head in (elsewhere, new_id()):
        with pytest.raises(NotFound):
            await talk.store.update(ADA, talk.id, {"head_id": head})
    with pytest.raises(NotFound):
        await talk.store.path(ADA, talk.id, leaf=elsewhere)
    assert await talk.head() == here


async def test_the_tree_has_every_message_and_no_body(talk: Talk) -> None:
    first = await talk.turn(text="1")
    second = await talk.ask(first, "2")
    nodes = await talk.store.tree(ADA, talk.id)
    assert [(node.role, node.status) for node in nodes] == [
        ("user", "complete"),
        ("assistant", "complete"),
        ("user", "complete"),
        ("assistant", "running"),
    ]
    assert [node.parent_id for node in nodes] == [None, nodes[0].id, first, nodes[2].id]
    assert nodes[3].id == second.message_id and nodes[3].model == "demo/plain"


async def test_the_tree_tells_the_first_words_of_each_message_where_they_are_asked_for(talk: Talk) -> None:
    signed = TextPart(text="Signed.", provider_metadata={"signature": "x" * 5000})
    cases: list[tuple[str, tuple[TextPart | ReasoningPart, ...], str | None]] = [
        ("short", (TextPart(text="Because."),), "Because."),
        ("one line", (TextPart(text='\n# Title\n\nand "more"\t\\frac'),), '# Title and "more" \\frac'),
        ("nul \0", (TextPart(text="nul \0, 🏳️‍🌈"),), "nul \0, 🏳️‍🌈"),
        ("long", (TextPart(text="word " * 50_000),), ("word " * 32)[:119].rstrip() + "…"),
        ("all escapes", (TextPart(text="\x01" * 5000),), None),
        ("after thoughts", (ReasoningPart(text="Hm."), TextPart(text=""), TextPart(text="So.")), "So."),
        ("signed", (signed, TextPart(text="Later.")), "Signed."),
        ("nothing", (), None),
    ]
    for question, parts, _ in cases:
        run = await talk.ask(text=question)
        await talk.store.finish_run(run.id, outcome(parts=parts))
    nodes = await talk.store.tree(ADA, talk.id, excerpts=True)
    assert [node.excerpt for node in nodes if node.role == "user"] == [question for question, _, _ in cases]
    told = {question: node.excerpt for (question, _, _), node in zip(cases, nodes[1::2], strict=True)}
    told["all escapes"] = None  # whatever it is, it breaks nothing
    assert told == {question: expected for question, _, expected in cases}
    assert {node.excerpt for node in await talk.store.tree(ADA, talk.id)} == {None}


async def test_what_was_said_comes_back_to_the_byte(talk: Talk) -> None:
    text = "nul \0, bell \a, \r\n, \u2028, é vs e\u0301, 🏳️‍🌈, \ufffe " + "long " * 50_000
    usage = Usage(input_tokens=2**40, cost_usd=0.1 + 0.2, first_token_ms=1.5)
    part = TextPart(text=text, provider_metadata={"z": 1, "a": {"sig": "A==", "none": None, "f": 1e-9}})
    run = await talk.ask(text=text)
    await talk.store.finish_run(run.id, outcome(parts=(part, TextPart(text="")), usage=usage))
    question, answer = (await talk.store.path(ADA, talk.id)).items
    assert question.parts == (TextPart(text=text),)
    assert answer.parts == (part, TextPart(text=""))
    assert list(answer.parts[0].provider_metadata or {}) == ["z", "a"]
    assert answer.usage == usage


async def test_a_random_tree_agrees_with_its_picture(talk: Talk) -> None:
    chance = random.Random(7)
    parents: dict[str, str | None] = {}
    answers: list[str | None] = [None]
    for n in range(40):
        run = await talk.ask(chance.choice([*answers[-6:], None]), str(n))
        await talk.store.finish_run(run.id, outcome())
        assert run.user_message_id
        record = await talk.store.message(ADA, run.user_message_id)
        parents |= {run.user_message_id: record.parent_id, run.message_id: run.user_message_id}
        answers.append(run.message_id)
    assert {node.id: node.parent_id for node in await talk.store.tree(ADA, talk.id)} == parents
    for leaf in parents:
        expected = [leaf]
        while (up := parents[expected[0]]) is not None:
            expected.insert(0, up)
        page = await talk.store.path(ADA, talk.id, leaf=leaf)
        assert [message.id for message in page.items] == expected
        for message in page.items:
            family = sorted(id for id, parent in parents.items() if parent == message.parent_id)
            assert list(message.sibling_ids) == family
