"""`llmhub.Chat` and `Compare` in an output, from the kernel's side: what a page hears and says, and what the notebook keeps."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from llmhub.hosts.notebook.widgets.colours import COLOURS, coloured
from tests.providers.wire_server import WireServer

from .kernel import Kernel, Ran

ROOT = Path(__file__).parents[3]
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def shown(kernel: Kernel) -> Ran:
    """A cell whose last line is a chat."""
    ran = kernel.run("import llmhub\nc = llmhub.Chat(model='lab/echo')\nc")
    assert ran.status == "ok", ran
    return ran


def comm_of(ran: Ran) -> str:
    """The widget's, among those of its layout."""
    return ran.outputs[0]["data"][VIEW]["model_id"]


def ended(heard: list[dict[str, Any]]) -> bool:
    """An answer is whole, and the notebook keeps it."""
    answers = [said["turns"][-1]["messages"][-1] for said in heard if said.get("type") == "state" and said["turns"]]
    done = bool(answers) and answers[-1]["role"] == "assistant" and answers[-1]["status"] != "running"
    return done and any(said.get("type") == "output" and answers[-1]["status"] == "complete" for said in heard)


def test_a_question_in_an_output_is_answered_there_and_kept_in_the_notebook(shown: Ran, kernel: Kernel, models: WireServer) -> None:
    comm = comm_of(shown)
    kernel.tell(comm, {"type": "hello"})
    # A provider that is slow to list its models is in a later one.
    heard = kernel.told(comm, lambda heard: any("lab/echo" in str(said) for said in heard if said.get("type") == "models"))
    assert heard[0] == {"type": "state", "turns": [], "model": "lab/echo", "models": []}

    kernel.tell(comm, {"type": "ask", "id": "1", "text": "Hello **you**"})
    heard = kernel.told(comm, lambda heard: ended(heard) and "Hello" in json.dumps(heard[-1]) and heard[-1]["type"] == "output")
    assert heard[0] == {"type": "heard", "id": "1"}
    assert len(models.asked("echo")) == 1
    kernel.run("from llmhub.hosts.notebook.kernel import here")
    assert kernel.value("[said.role for said in here.client.messages(c.conversation_id)]") == ["user", "assistant"]

    kept = heard[-1]
    assert kept["transient"]["display_id"] == shown.outputs[1]["transient"]["display_id"]
    assert "<strong>you</strong>" in kept["data"]["text/html"] and "Hello **you**" in kept["data"]["text/markdown"]
    cell = nbformat.v4.new_code_cell("c", outputs=[_output(shown.outputs[0]["data"]), _output(kept["data"])])
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "<strong>you</strong>" in page and "ChatWidget" not in page


def test_an_answer_flows_into_the_output(shown: Ran, kernel: Kernel, models: WireServer) -> None:
    comm = comm_of(shown)
    kernel.tell(comm, {"type": "model", "model": "lab/gated"})
    kernel.tell(comm, {"type": "ask", "id": "1", "text": "Say something"})
    kernel.told(comm, lambda heard: "running" in json.dumps([said for said in heard if said["type"] == "state"]))
    models.gate("gated").release(2, finish=True)
    events = [said["event"] for said in kernel.told(comm, ended) if said["type"] == "event"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert "".join(event["text"] for event in events if event["type"] == "text.delta") == "t0 t1 "


def test_a_page_without_a_typesetter_has_formulas_drawn(shown: Ran, kernel: Kernel) -> None:
    comm = comm_of(shown)
    for tex in (r"\frac{1}{2}", r"\frac{"):
        kernel.tell(comm, {"type": "formula", "tex": tex, "block": True})
    heard = kernel.told(comm, lambda heard: len([said for said in heard if said["type"] == "formula"]) == 2)
    drawn = {said["tex"]: said["mathml"] for said in heard if said["type"] == "formula"}
    assert "<mfrac>" in drawn[r"\frac{1}{2}"] and drawn[r"\frac{"] is None, drawn


def test_a_page_without_lexers_has_code_coloured(shown: Ran, kernel: Kernel) -> None:
    comm = comm_of(shown)
    asked = {"python": "def f():\n    return 1  # <b>\r\n", "nothing-known": "def f()", "json": '{"a": 1}'}
    for language, code in asked.items():
        kernel.tell(comm, {"type": "code", "code": code, "language": language})
    heard = kernel.told(comm, lambda heard: len([said for said in heard if said["type"] == "code"]) == len(asked))
    pieces = {said["language"]: said["pieces"] for said in heard if said["type"] == "code"}
    assert {language: "".join(text for text, _ in each) for language, each in pieces.items()} == asked
    assert pieces["nothing-known"] == [["def f()", ""]] and ["1", "number"] in pieces["json"]


def test_both_forms_of_code_have_the_same_colours() -> None:
    pieces = coloured("def f(a):\n    return len(a) + 1 if 'x' else 2  # it\n", "python")
    assert {role for _, role in pieces} == {*COLOURS, ""}
    assert coloured("x = 1", "python") == [("x ", ""), ("=", "operator"), (" ", ""), ("1", "number")]
    sheet = " ".join((ROOT / "labextension/src/cell/cell.css").read_text().split())
    for role, colour in COLOURS.items():
        assert f".jp-llmhub-token-{role} {{ {colour.style} }}" in sheet


def test_a_conversation_that_does_not_exist_is_named_at_once(kernel: Kernel) -> None:
    ran = kernel.run("import llmhub\nllmhub.Chat('0198c9c0-0000-7000-8000-000000000000')")
    assert (ran.status, ran.ename) == ("error", "NotFound"), ran


def test_what_python_asks_is_seen_in_the_output(shown: Ran, kernel: Kernel) -> None:
    comm = comm_of(shown)
    kernel.tell(comm, {"type": "hello"})
    kernel.told(comm, lambda heard: any(said.get("type") == "models" for said in heard))
    kernel.start("c.ask('from a cell')")
    kernel.told(comm, ended)


def test_what_cannot_be_asked_is_said_in_words(shown: Ran, kernel: Kernel) -> None:
    comm = comm_of(shown)
    kernel.tell(comm, {"type": "ask", "id": "long", "text": "x" * 200_001})
    refused = kernel.told(comm, lambda heard: bool(heard))[-1]
    assert refused["type"] == "refused" and refused["id"] == "long" and "200,000" in refused["error"]["message"]
    kernel.tell(comm, {"type": "model", "model": "nowhere/model"})
    kernel.tell(comm, {"type": "ask", "id": "1", "text": "Hello?"})
    heard = kernel.told(comm, lambda heard: heard[-1:] != [] and heard[-1]["type"] == "output" and "no provider" in str(heard[-1]))
    last = [said["turns"][-1]["messages"][-1] for said in heard if said["type"] == "state"][-1]
    assert last["status"] == "failed" and last["error"]["code"] == "model_not_found"


def test_no_key_and_no_address_is_in_what_a_page_gets(
    shown: Ran, kernel: Kernel, world: dict[str, str], models: WireServer
) -> None:
    told = json.dumps([shown.comms, shown.outputs])
    assert models.url not in told and "sk-test-key" not in told
    for content in (None, 3, {"type": "ask"}, {"type": "open", "path": "/"}, {"type": "replay", "message_id": "x"}):
        kernel.tell(comm_of(shown), content)  # type: ignore[arg-type]
    assert kernel.value("1 + 1") == 2


def test_what_others_wrote_does_nothing_in_a_saved_notebook(kernel: Kernel) -> None:
    kernel.run(
        "c = llmhub.Chat(model='lab/echo')\n_ = c.ask('<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![i](https://e.example/x.png)')"
    )
    html = kernel.run("c").outputs[1]["data"]["text/html"]
    assert "<img" not in html and 'href="javascript' not in html and "&lt;img" in html


def test_a_chat_that_is_not_shown_loads_no_widgets(world: dict[str, str]) -> None:
    code = "import sys, llmhub; llmhub.Chat(); print('ipywidgets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=world, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# ---- several models


def test_several_models_answer_one_question_side_by_side_and_one_of_them_is_gone_on_with(kernel: Kernel) -> None:
    ran = kernel.run(
        "from llmhub.hosts.notebook.kernel import here\nc = llmhub.Compare(['lab/echo', 'nowhere/model', 'lab/markdown'])\nc"
    )
    assert ran.status == "ok", ran
    comm = comm_of(ran)
    kernel.tell(comm, {"type": "ask", "id": "1", "text": "Which of **you**?"})
    heard = kernel.told(comm, lambda heard: _ended_beside(heard) == ["complete", "failed", "complete"])
    assert heard[0] == {"type": "heard", "id": "1"}
    [question, answers] = _states(heard)[-1]["turns"]
    assert [message["role"] for message in question["messages"]] == ["user"]
    assert [message["model"] for message in answers["messages"]] == ["lab/echo", "nowhere/model", "lab/markdown"]
    first, _, third = answers["messages"]
    assert answers["shown"] == first["id"] and first["sibling_ids"] == third["sibling_ids"], "branches of one conversation"

    kernel.tell(comm, {"type": "choose", "message_id": third["id"]})
    heard = kernel.told(comm, lambda heard: any(state["turns"][-1]["shown"] == third["id"] for state in _states(heard)))
    assert [message["id"] for message in _states(heard)[-1]["turns"][-1]["messages"]] == first["sibling_ids"], (
        "they stay where they are"
    )
    got = kernel.value("[[r.model, r.message.status, r.message.parent_id, r.text] for r in c.ask('And **now**?')]")
    assert [each[:2] for each in got] == [["lab/echo", "complete"], ["nowhere/model", "failed"], ["lab/markdown", "complete"]]
    assert len({each[2] for each in got}) == 1 and got[0][3].strip() == "And **now**?"
    path = kernel.value("[message.id for message in here.client.messages(c.conversation_id)]")
    assert third["id"] in path and first["id"] not in path


def test_a_comparison_is_kept_as_words_that_stand_beside_each_other(kernel: Kernel, models: WireServer) -> None:
    kernel.run("c = llmhub.Compare(['lab/echo', 'lab/markdown'])\n_ = c.ask('Which of **you**?')")
    ran = kernel.run("c")
    kept = ran.outputs[1]["data"]
    assert kept["text/html"].count("<article") == 3 and kept["text/html"].count('<div class="beside">') == 1
    first, second = kept["text/html"].partition('<div class="beside">')[2].split("</article>")[:2]
    assert "lab/echo</span>" in first and "What is said next goes on from here." in first, "the first is gone on with"
    assert "lab/markdown</span>" in second and "goes on from here" not in second
    assert '<span class="nb">print</span>' in second and "--jp-mirror-editor-builtin-color" in kept["text/html"]
    assert "**echo**" in kept["text/markdown"] and "**markdown**" in kept["text/markdown"] and "markdown: " in kept["text/plain"]
    told = json.dumps([ran.comms, ran.outputs])
    assert models.url not in told and "sk-test-key" not in told


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("llmhub.Compare('lab/echo')", "takes a list of models"),
        ("llmhub.Compare(['lab/echo'])", "2 to 6 models, not 1"),
        ("llmhub.Compare(['lab/echo', 'lab/echo'], tools=[print])", "takes no tools"),
        ("llmhub.Compare(['lab/echo', 'lab/echo']).ask('x', model='lab/echo')", "takes no model"),
    ],
)
def test_what_cannot_be_compared_is_said_in_words(kernel: Kernel, code: str, words: str) -> None:
    assert words in kernel.run(code).error


def _states(heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [said for said in heard if said.get("type") == "state" and said["turns"]]


def _ended_beside(heard: list[dict[str, Any]]) -> list[str]:
    """How the answers to the last question stand, as was told last."""
    return [message["status"] for state in _states(heard)[-1:] for message in state["turns"][-1]["messages"]]


def _output(data: dict[str, Any]) -> Any:
    return nbformat.v4.new_output("display_data", data=data)
