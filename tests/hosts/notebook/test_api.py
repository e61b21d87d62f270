"""`llmhub.ask`, `chat`, tools, and the way over a running server: the same from Python code."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer

from .kernel import Kernel, Ran
from .notebooks import Script


def test_a_question_from_python_and_the_next_in_a_chat(kernel: Kernel, models: WireServer) -> None:
    ran = kernel.run("import llmhub\nr = llmhub.ask('Hello {you}', model='lab/echo', temperature=0.3, system='Be short')")
    assert ran.status == "ok", ran
    assert kernel.value("[r.text.strip(), r.model, r.usage.output_tokens > 0]") == ["Hello {you}", "lab/echo", True]
    assert models.asked("echo")[0].body["temperature"] == 0.3
    kernel.run("c = llmhub.chat(model='lab/echo')\nc.ask('one')\nx = c.ask('two')")
    assert len(models.requests[-1].body["messages"]) == 3
    ran = kernel.run("await llmhub.ask_async('later', model='lab/echo', temporary=True)")
    assert ran.outputs[0]["data"]["text/markdown"].strip() == "later"
    assert kernel.run("llmhub.ask('x', temprature=1)").error.startswith("There is no parameter temprature.")
    assert kernel.run("llmhub.ask('x', files=['gone.txt'])").error.startswith("gone.txt: there is no such file.")
    assert kernel.run("llmhub.ask(5)").error.startswith("A int is no question.")


def test_functions_of_the_kernel_are_tools(kernel: Kernel, models: WireServer) -> None:
    kernel.run(
        "import llmhub\ncalled = []\n@llmhub.tool\ndef get_weather(city: str, days: int = 1) -> dict:\n"
        "    'The weather in a city.'\n    called.append((city, days))\n    return {'degrees': 21}"
    )
    ran = kernel.run("%%llm lab/tools --tools get_weather -c new -o w\nHow warm is it in Bern?")
    assert ran.status == "ok", ran
    first, second = models.asked("tools")
    told = first.body["tools"][0]["function"]
    assert told["description"] == "The weather in a city." and told["parameters"]["required"] == ["city"]
    assert kernel.value("called") == [["Bern", 1]]
    assert second.body["messages"][-1]["content"] == '{"degrees": 21}'
    assert "get_weather(city='Bern')" in ran.markdown and "21" in ran.markdown
    assert "get_weather" in kernel.run("%llm history").markdown, "it is in the conversation"
    assert kernel.value("w.usage.input_tokens") > 0
    assert kernel.value("[part.type for part in w.message.parts]") == ["text", "tool_call", "tool_result", "text"]
    kernel.run("%%llm lab/echo\nAnd then?")
    kinds = [(message["role"], "tool_calls" in message) for message in models.requests[-1].body["messages"]]
    assert kinds == [("user", False), ("assistant", True), ("tool", False), ("assistant", False), ("user", False)], "as calls"
    kernel.run("short = llmhub.ask('How warm?', model='lab/length', tools=[get_weather])")
    assert kernel.value("short.message.finish_reason") == "length", "as without functions"
    kernel.run("def get_weather(city: int) -> str: ...")
    ran = kernel.run("%%llm lab/tools --tools get_weather -c none\nHow warm?")
    assert "Input should be a valid integer" in json.dumps(models.requests[-1].body), "the model is told what does not fit"
    assert "is no function" in kernel.run("%%llm --tools called\nx").error
    assert kernel.run("%%llm --tools gone\nx").error.startswith("--tools gone: the name 'gone' is not defined.")
    assert "tools is a list of functions" in kernel.run("llmhub.ask('x', tools=get_weather)").error
    assert "Two tools are called get_weather" in kernel.run("llmhub.ask('x', tools=[get_weather, get_weather])").error
    assert "it takes `obj` without a name" in kernel.run("llmhub.ask('x', tools=[len])").error


def test_an_answer_that_called_functions_has_its_format_and_its_schema_too(kernel: Kernel, models: WireServer) -> None:
    kernel.run("def size(city: str) -> int:\n    'Inhabitants.'\n    return 4")
    models.calls = Script({"How large": [("size", {"city": "Bern"})]})
    models.lines = Script({"How large": "Four.", "That answer cannot be used": '{"value": 4}'})
    ran = kernel.run("%%llm lab/echo --tools size --schema int -c none -o four\nHow large?")
    assert ran.status == "ok" and kernel.value("[four.value, four.message.status]") == [4, "complete"], ran
    assert "It fits this JSON schema" in json.dumps(models.asked("echo")[0].body) and len(models.asked("echo")) == 3
    models.lines = Script({"How large": "Four.", "That answer cannot be used": "4 or so"})
    ran = kernel.run("%%llm lab/echo --tools size -f json -c none -o four\nHow large?")
    assert ran.error.startswith("The answer is not as it was asked for") and kernel.value("four.value") is None
    ran = kernel.run("%%llm lab/tools --tools size -f math -c none\nHow large?")
    assert ran.markdown == "$$Four.$$", "what it said before is no formula"
    ran = kernel.run("%%llm lab/tools --tools size -f code -c none\nHow large?")
    assert [each["text"] for each in ran.payload] == ["Four."], "nor is it code"


def test_an_answer_with_functions_that_was_stopped_is_kept_as_that(kernel: Kernel, models: WireServer) -> None:
    models.gate("gated").release(2)

    def seen(ran: Ran) -> None:
        if "t1" in ran.markdown and not ran.ename and "Stopped" not in ran.markdown:
            kernel.interrupt()

    kernel.run("def size(city: str) -> int:\n    'Inhabitants.'\n    return 4")
    kernel.run("%%llm lab/gated --tools size -c new\nSay something", seen=seen)
    kernel.run("from llmhub.hosts.notebook.kernel import here\nnewest = next(here.client.conversations())")
    kernel.run("answer = here.client.messages(newest.id)[-1]")
    assert kernel.value("[answer.parts[0].text.strip(), answer.finish_reason]") == ["t0 t1", "stopped"]


@pytest.fixture(scope="module")
def served(world: dict[str, str], models: WireServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel where a Jupyter server with llmhub runs, which it finds by itself."""
    from llmhub.hosts.cli.private import PrivateServer

    before = dict(os.environ)
    os.environ.update(world)
    try:
        with (
            PrivateServer() as server,
            Kernel(
                {**world, "LLMHUB_SERVER": server.url, "LLMHUB_TOKEN": server.token}, tmp_path_factory.mktemp("served")
            ) as kernel,
        ):
            kernel.run("%load_ext llmhub")
            yield kernel
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.mark.parametrize("where", ["kernel", "served"])
@pytest.mark.parametrize("tools", [False, True])
def test_an_answer_that_was_repaired_is_the_last_one_and_used_what_both_did(
    request: pytest.FixtureRequest, models: WireServer, where: str, tools: bool
) -> None:
    kernel: Kernel = request.getfixturevalue(where)
    models.forget()
    kernel.run("import llmhub\ndef size(city: str) -> int:\n    'Inhabitants.'\n    return 4")
    if tools:
        models.calls = Script({"How large": [("size", {"city": "Bern"})]})
    models.lines = Script({"How large": "Four.", "That answer cannot be used": '{"value": 4}'})
    kernel.run(f"r = llmhub.ask('How large?', model='lab/echo', schema=int{', tools=[size]' * tools})")
    assert kernel.value("[r.text, r.value, r.message.finish_reason]") == ['{"value": 4}', 4, "stop"]
    rounds = len(models.asked("echo"))
    kernel.run("from llmhub.hosts.notebook.kernel import here\npath = here.client.messages(r.conversation_id)")
    first, second = ["How large?", "Four."], ["That answer cannot be used: it is not JSON.", '{"value": 4}']
    assert kernel.value("[llmhub.messages.text_of(each).partition(' Answer again')[0] for each in path]") == [*first, *second]
    assert kernel.value("[path[-1].id == r.message.id, path[1].finish_reason]") == [True, "stop"]
    models.calls, models.lines = {}, Script({"How large": "Four."})
    kernel.run("one = llmhub.ask('How large?', model='lab/echo')")
    assert kernel.value("r.usage.output_tokens") == rounds * kernel.value("one.usage.output_tokens")


def test_with_a_server_everything_goes_through_it(served: Kernel, models: WireServer) -> None:
    models.forget()
    models.gate("gated").release(2)
    pressed: list[bool] = []

    def seen(ran: Ran) -> None:
        if "t1" in ran.markdown and not pressed:
            pressed.append(True)
            served.interrupt()

    ran = served.run("%%llm lab/gated -c new\nSay something", seen=seen)
    models.wait_until(lambda: [record.ended for record in models.asked("gated")] == ["left"])
    assert ran.markdown == "t0 t1 \n\n*Stopped.*"
    assert served.value("'llmhub.workspace' in __import__('sys').modules") is False, "no workspace is opened beside the server's"
    served.run("%llm -m lab/echo and then?")
    assert len(models.requests[-1].body["messages"]) == 3
    served.run("def get_weather(city: str) -> str:\n    'Weather.'\n    return 'sunny'")
    assert "sunny" in served.run("%%llm lab/tools --tools get_weather\nHow is it?").markdown
    assert "tokens read" in served.run("%llm usage").markdown
    served.run("import llmhub\nm = llmhub.map('{{ row }}', [1, 2, 3], model='lab/echo')")
    assert served.value("[[text.strip() for text in m], m.cost]") == [["1", "2", "3"], 0]
    assert served.run("llmhub.map('{{ row }}', [1], model='lab/missing-1')").ename == "ModelNotFound"
    assert "Did you mean 'lab/echo'" in served.run("%%llm lav/echo\nHello").error
    assert settings_for(models)["default_model"] == served.value("__import__('llmhub').Client().default_model()")
