"""`%llm` and `%%llm` in a real kernel, without a server: what a cell shows, and what the model was asked."""

from __future__ import annotations

from tests.providers.wire_server import Record, WireServer

from .kernel import Kernel, Ran


def words(record: Record) -> list[str]:
    return [message["content"] for message in record.body["messages"]]


def test_an_answer_streams_into_the_output_as_markdown(kernel: Kernel, models: WireServer) -> None:
    gate = models.gate("gated")
    shown: list[str] = []

    def seen(ran: Ran) -> None:
        if ran.markdown.startswith("t") and len(shown) < 3:
            shown.append(ran.markdown)
            gate.release(1, finish=len(shown) == 3)

    gate.release(1)
    ran = kernel.run("%%llm lab/gated\nSay something", seen=seen)
    assert ran.status == "ok" and len(ran.outputs) == 1, "one output, which grew"
    assert shown[0] == "t0 " and ran.markdown.startswith("t0 t1 t2"), shown
    told = ran.outputs[0]["metadata"]["llmhub"]
    assert told["model"] == "lab/gated" and told["status"] == "complete" and told["message_id"]


def test_an_interrupt_closes_the_connection_to_the_provider_and_keeps_what_was_said(kernel: Kernel, models: WireServer) -> None:
    models.gate("gated").release(2)
    pressed: list[bool] = []

    def seen(ran: Ran) -> None:
        if "t1" in ran.markdown and not pressed:
            pressed.append(True)
            kernel.interrupt()

    ran = kernel.run("%%llm lab/gated -c new\nSay something", cell="stopped", seen=seen)
    models.wait_until(lambda: [record.ended for record in models.asked("gated")] == ["left"])
    assert ran.status == "error" and ran.traceback == ""
    assert ran.markdown == "t0 t1 \n\n*Stopped.*"
    assert kernel.run("1 + 1").outputs[0]["data"]["text/plain"] == "2", "the kernel goes on"
    kernel.run("%%llm\nSomething else", cell="stopped")
    assert words(models.requests[-1]) == ["Something else"], "run again it is a branch"


def test_a_failure_is_words_and_no_traceback(kernel: Kernel, models: WireServer) -> None:
    ran = kernel.run("%%llm lab/e400\nHello")
    assert ran.status == "error" and ran.ename == "RequestRejected"
    assert ran.traceback.count("\n") == 0 and "File" not in ran.traceback and ran.traceback.startswith("llmhub: ")
    assert not ran.outputs


def test_an_unknown_model_is_told_with_those_that_come_nearest(kernel: Kernel) -> None:
    ran = kernel.run("%%llm lav/echo\nHello")
    assert "no provider is called 'lav'" in ran.error and "Did you mean 'lab/echo'" in ran.error
    ran = kernel.run("%%llm ech\nHello")
    assert "There is no model 'ech'." in ran.error and "Did you mean 'lab/echo'" in ran.error


def test_a_line_asks_and_its_question_mark_is_its_own(kernel: Kernel, models: WireServer) -> None:
    ran = kernel.run("%llm What's a {monad} in $one line?")
    assert ran.status == "ok" and ran.markdown.strip() == "What's a {monad} in $one line?"
    ran = kernel.run("x = 1\nif x:\n    %llm -t 0.5 really?\ny = '''\n%llm no?\n'''")
    assert ran.markdown.strip() == "really?" and kernel.value("y") == "\n%llm no?\n"
    assert models.requests[-1].body["temperature"] == 0.5


def test_the_result_is_a_variable(kernel: Kernel) -> None:
    ran = kernel.run("%%llm reasoner -o answer -m lab/reasoner\nHello")
    assert "Two models" in ran.error
    ran = kernel.run("%%llm lab/reasoner -o answer --quiet\nHello there")
    assert ran.status == "ok" and not ran.outputs
    assert kernel.value("[answer.text, answer.message.role, answer.model]")[1:] == ["assistant", "lab/reasoner"]
    assert kernel.value("answer.usage.output_tokens") > 0
    ran = kernel.run("%%llm lab/echo -c none\nIs {{ answer }} right?")
    assert ran.markdown.strip() == "Is The answer is 42. right?", "a result in a question is its words"


def test_what_is_no_option_is_told_with_what_there_is(kernel: Kernel, models: WireServer) -> None:
    ran = kernel.run("%%llm --temprature 1\nHello")
    assert "There is no option --temprature. Did you mean --temperature?" in ran.error and "--output" in ran.error
    ran = kernel.run("%%llm -t warm\nHello")
    assert ran.error.startswith("--temperature: input should be a valid number")
    ran = kernel.run("%%llm -t\nHello")
    assert ran.error.startswith("-t needs a value")
    assert not models.requests


def test_a_conversation_runs_through_the_notebook_and_a_cell_run_again_makes_a_branch(kernel: Kernel, models: WireServer) -> None:
    kernel.run("%llm -c new one", cell="a")
    kernel.run("%%llm\ntwo", cell="b")
    kernel.run("%%llm\nthree", cell="c")
    assert [text.strip() for text in words(models.requests[-1])] == ["one", "one", "two", "two", "three"]
    kernel.run("%%llm\ntwo again", cell="b")
    assert [text.strip() for text in words(models.requests[-1])] == ["one", "one", "two again"]
    kernel.run("%%llm\nthree again", cell="c")
    assert [text.strip() for text in words(models.requests[-1])][2] == "two again"
    kernel.run("%%llm\nfour", cell="d")
    assert len(words(models.requests[-1])) == 7
    kernel.run("%%llm --conversation none\nalone")
    assert len(words(models.requests[-1])) == 1
