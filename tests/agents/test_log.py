"""The compact log replays what was sent, to the byte."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from llmhub.agents.log import RunLog, decode, pack, unpack
from llmhub.events import PartStarted, ReasoningDelta, RunFinished, RunStarted, StatusChanged, TextDelta
from llmhub.messages import ReasoningPart, TextPart

texts = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=30)


@given(thoughts=texts, words=texts)
def test_the_compact_form_gives_back_every_frame(thoughts: list[str], words: list[str]) -> None:
    log = RunLog("run")
    log.append(RunStarted(conversation_id="c", user_message_id="u", message_id="m", model="demo/tour"))
    log.append(PartStarted(part=2, part_type="reasoning"))
    for text in thoughts:
        log.append(ReasoningDelta(part=2, text=text))
    log.append(StatusChanged(text="running cell 3"))
    log.append(PartStarted(part=3, part_type="text"))
    for text in words:
        log.append(TextDelta(part=3, text=text))
    log.append(RunFinished(status="complete", finish_reason="stop"))
    parts = (
        TextPart(text="earlier"),
        TextPart(text="parts"),
        ReasoningPart(text="".join(thoughts)),
        TextPart(text="".join(words)),
    )

    assert unpack(pack(log.after(0, most=1000)), "run", parts) == log.after(0, most=1000)


def test_frames_are_numbered_from_one_without_gaps_and_read_from_any_place() -> None:
    log = RunLog("run")
    for n in range(600):
        log.append(TextDelta(part=0, text=str(n)))

    assert [frame.seq for frame in log.after(0, most=1000)] == list(range(1, 601))
    assert log.after(0)[0].seq == 1 and len(log.after(0)) == 256
    assert [frame.seq for frame in log.after(598)] == [599, 600]
    assert log.after(600) == [] and log.after(10_000) == []


def test_an_event_says_its_run_number_and_type() -> None:
    frame = RunLog("r1").append(TextDelta(part=0, text="é\n"))

    assert orjson.loads(frame.data) == {"run_id": "r1", "seq": 1, "type": "text.delta", "part": 0, "text": "é\n"}
    assert decode(frame.data) == frame


def test_the_log_of_a_long_answer_is_small() -> None:
    log = RunLog("run")
    for _ in range(5_000):
        log.append(TextDelta(part=0, text=" token"))

    assert len(pack(log.after(0, most=5_000))) < 5_000
