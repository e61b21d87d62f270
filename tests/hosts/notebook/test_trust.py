"""What a model says, or a row holds, cannot do in a notebook: run as HTML, run unseen, end a batch, leave things behind."""

from __future__ import annotations

import queue
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from llmhub.client import Client
from llmhub.errors import Invalid
from llmhub.hosts.notebook.answers import Answers
from llmhub.hosts.notebook.api import Chat
from llmhub.hosts.notebook.masking import masked
from llmhub.hosts.notebook.result import Result
from llmhub.hosts.notebook.running import Running
from llmhub.hosts.notebook.shown import shown
from llmhub.hosts.notebook.trouble import last_trouble
from llmhub.hosts.notebook.widgets.still import still
from llmhub.hosts.notebook.widgets.talk import Talk, Turn
from llmhub.messages import ErrorInfo, Message, TextPart
from tests.providers.wire_server import WireServer

from .kernel import Kernel

EVIL = "<img/src=x/onerror=alert(1)>"


def test_a_result_that_ends_a_cell_runs_nothing(kernel: Kernel, models: WireServer) -> None:
    ran = kernel.run(f"import llmhub\nllmhub.ask('{EVIL}', model='lab/echo', temporary=True)")
    assert "onerror" in ran.markdown and "<img" not in ran.markdown


def test_notes_that_quote_a_model_run_nothing(kernel: Kernel) -> None:
    ran = kernel.run(f"from llmhub.hosts.notebook.display import CellOutput\nCellOutput().end('Running f({EVIL}) …')")
    assert "onerror" in ran.markdown and "<img" not in ran.markdown


def test_code_is_seen_before_anybody_is_asked_to_run_it(kernel: Kernel, models: WireServer) -> None:
    ran = kernel.run("%%llm lab/says-y_=_42 -f code --run -q -c none\nWrite it")
    assert "y_=_42" in ran.outputs[0]["data"]["text/markdown"] and "Nobody can be asked" in ran.markdown
    assert "--run takes no value" in kernel.run("%%llm -f code --run=no\nWrite it").error
    assert "--quiet takes no value" in kernel.run("%llm --quiet=yes Hello").error


def test_a_coroutine_is_a_tool_and_a_question_that_failed_leaves_nothing(kernel: Kernel, models: WireServer) -> None:
    kernel.run(
        "import asyncio, llmhub\nasync def get_weather(city: str) -> str:\n"
        "    'Weather.'\n    await asyncio.sleep(0)\n    return 'sunny in ' + city"
    )
    ran = kernel.run("r = llmhub.ask('How warm?', tools=[get_weather], model='lab/tools')")
    assert ran.status == "ok" and models.asked("tools")[-1].body["messages"][-1]["content"] == "sunny in Bern", ran
    kernel.run("hub = llmhub.hosts.notebook.kernel.here.client\ncount = lambda: len(list(hub.conversations()))\nbefore = count()")
    assert kernel.run("llmhub.ask('x', tools=[get_weather], verbosity='low')").ename == "Invalid"
    assert kernel.value("count() - before") == 0
    kernel.run("c = llmhub.chat(model='lab/tools', tools=[get_weather], temporary=True)\nc.ask('How warm?')")
    assert "sunny" in kernel.run("c.ask('And now?').text").outputs[0]["data"]["text/plain"]
    assert kernel.value("count() - before") == 0


def test_who_stops_an_answer_is_not_asked_for_json_again(kernel: Kernel, models: WireServer) -> None:
    models.gate("gated").release(1, finish=False)
    kernel.run(
        "import threading, llmhub\nfrom llmhub.hosts.notebook.kernel import here\ngot = []\n"
        "asking = threading.Thread(target=lambda: got.append(llmhub.ask('x', model='lab/gated', schema=int)))\n"
        "asking.start()"
    )
    models.wait_until(lambda: len(models.asked("gated")) == 1)
    kernel.run("[here.client.stop(run) for run in here.client.runs(active=True)]\nasking.join(20)")
    assert kernel.value("[got[0].message.status, got[0].value]") == ["stopped", None] and len(models.asked("gated")) == 1


def test_no_row_ends_a_batch(kernel: Kernel, models: WireServer) -> None:
    kernel.run("import llmhub")
    kernel.run("m = llmhub.map('{{ row }}', ['a', chr(0xd800), '[' * 100_000], model='lab/echo', schema=list)")
    assert kernel.value("sorted(m.errors)") == [0, 1, 2]
    assert "surrogate" in kernel.run("llmhub.ask(chr(0xd800), model='lab/echo')").error


def test_what_was_answered_before_is_asked_again_where_it_does_not_fit_any_more(kernel: Kernel, models: WireServer) -> None:
    def checks(limit: int) -> None:
        kernel.run(
            "import llmhub\nfrom pydantic import BaseModel, field_validator\nclass Small(BaseModel):\n    n: int\n"
            f"    @field_validator('n')\n    @classmethod\n    def small(cls, n):\n        assert n < {limit}\n        return n"
        )

    batch = "m = llmhub.map('{{ row }}', ['{\"n\": 5}'], model='lab/echo', schema=Small)"
    checks(9)
    kernel.run(batch)
    assert kernel.value("[m[0].n, m.cached]") == [5, 0]
    checks(3)
    assert kernel.run(batch).status == "ok"
    assert "Small" not in kernel.value("repr(m.values)") and kernel.value("list(m.errors)") == [0]


def test_answers_are_those_of_their_rows_whoever_writes_beside(tmp_path: Path) -> None:
    one, other = Answers("kind", tmp_path), Answers("kind", tmp_path)
    one.put("a", {"text": "A"})
    other.put("b", {"text": "B"})
    place = other._places
    assert place.popitem()[1] > 0
    other._places[next(iter(one._places))] = len('{"key"')
    assert other.get("a") is None, "a line that is somebody else's is no answer"
    one.close()
    one.put("c", {"text": "C"})
    again = Answers("kind", tmp_path)
    assert again.get("a") == {"text": "A"} and again.get("b") == {"text": "B"} and again.get("c") is None
    again.close()
    other.close()
    (tmp_path / "file").touch()
    with pytest.raises(Invalid, match="Answers cannot be kept in"):
        Answers("kind", tmp_path / "file")


def test_pictures_say_what_they_are(kernel: Kernel, models: WireServer, tmp_path: Path) -> None:
    kernel.run("import llmhub\nllmhub.ask('Look', images=[b'\\xff\\xd8\\xff\\xe0'], model='lab/vision', temporary=True)")
    assert "data:image/jpeg;base64" in str(models.requests[-1].body)
    assert "is no image" in kernel.run("llmhub.ask('Look', images=[b'abc'])").error
    (tmp_path / "odd.json").write_bytes(b"\xff")
    assert "cannot be read" in kernel.run(f"%%llm --schema {tmp_path}/odd.json\nWhich?").error


def test_what_a_notebook_keeps_of_a_failed_answer_runs_nothing() -> None:
    failed = Message(
        id="m", conversation_id="c", parent_id=None, role="assistant", status="failed", model=f"lab/{EVIL}",
        parts=(TextPart(text=EVIL),), error=ErrorInfo(code="bad_answer", message=EVIL, hint=""), created_at=datetime.now(UTC),
    )  # fmt: skip
    kept = still("key", [Turn(failed, (failed,))])
    assert "<img" not in kept["text/html"] and "<img" not in kept["text/markdown"] and "onerror" in kept["text/markdown"]


def test_what_breaks_in_a_chats_functions_is_said_where_it_was_asked() -> None:
    class Broken(Chat):
        def ask(self, prompt: str, **told: Any) -> Result:
            raise RuntimeError("of the person's own")

    said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    with Client() as client:
        Talk(Broken(tools=[len]), client, said.put, lambda messages: None).take({"type": "ask", "id": "1", "text": "Hello"})
        assert [said.get(timeout=20)["type"] for _ in range(2)] == ["heard", "refused"]


def test_half_a_key_is_in_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_API_KEY", "sk-canary-0123456789")
    monkeypatch.setenv("OTHER_TOKEN", "sk-canary-0123456789-and-more")
    assert "canary" not in str(shown(["x" * 80, "sk-canary-0123456789"], "it", 100))
    assert "more" not in masked("sk-canary-0123456789-and-more")
    try:
        exec(compile("told = 'x' * 590 + 'sk-canary-0123456789'\n1 / len(told[:0])", "ipykernel_1/1.py", "exec"), {})
    except ZeroDivisionError as exc:
        monkeypatch.setattr(sys, "last_value", exc, raising=False)
        monkeypatch.setattr(sys, "last_traceback", exc.__traceback__, raising=False)
    said = str(last_trouble())
    assert "xxxxx" in said and "canary" not in said


def test_where_nothing_can_be_kept_a_question_is_asked_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notebooks").touch()
    monkeypatch.setenv("LLMHUB_DATA_DIR", str(tmp_path))
    running = Running("a.ipynb")
    with pytest.warns(UserWarning, match="begins a new conversation"):
        running.answered("cell", "message")
