"""Where there is no notebook: a terminal's IPython, threads, async cells; and what must be nowhere: keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer
from tests.world import environment

from .kernel import Kernel, Ran

CANARY = "sk-canary-notebook-0123456789abcdef"


def test_a_terminals_ipython_prints_the_answer_and_says_failures_in_a_line(world: dict[str, str]) -> None:
    code = "%llm Hello, you?\n%llm -m nowhere/x Hello"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--ext", "llmhub", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env=world,
        check=False,
    )
    assert done.stdout.startswith("Hello, you?"), done
    assert "no provider is called 'nowhere'" in done.stdout + done.stderr and "File" not in done.stdout + done.stderr
    assert "Unclosed" not in done.stderr, "it hangs up when it ends"


def test_a_script_has_data_frames_with_their_llm_whatever_is_imported_first(world: dict[str, str]) -> None:
    code = (
        "import pandas, llmhub, polars\n"
        "print(pandas.DataFrame({'n': [1]}).llm.map('{{ row.n }}')[0], polars.Series(['b']).llm.map('{{ row }}')[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=world, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "b"]


def test_threads_and_async_cells_ask_too(kernel: Kernel, models: WireServer) -> None:
    kernel.run("import asyncio, llmhub\nfrom concurrent.futures import ThreadPoolExecutor")
    kernel.run("def ask(n): return llmhub.ask(f'thread {n}', model='lab/echo', temporary=True).text.strip()")
    assert kernel.value("list(ThreadPoolExecutor(4).map(ask, range(4)))") == [f"thread {n}" for n in range(4)]
    kernel.run("async def one(n): return (await llmhub.ask_async(f'task {n}', model='lab/echo', temporary=True)).text.strip()")
    kernel.run("said = await asyncio.gather(*(one(n) for n in range(3)))")
    assert kernel.value("said") == ["task 0", "task 1", "task 2"]
    models.gate("gated").release(1)
    kernel.run("task = asyncio.ensure_future(llmhub.ask_async('x', model='lab/gated', temporary=True))\nawait asyncio.sleep(0)")
    models.wait_until(lambda: bool(models.asked("gated")))
    kernel.run("task.cancel()")
    models.wait_until(lambda: [record.ended for record in models.asked("gated")] == ["left"])


@pytest.mark.parametrize("call", ["ask_async('x', ", "map_async('{{ row }}', [1], "])
def test_an_interrupt_stops_a_cell_that_awaits_an_answer(call: str, kernel: Kernel, models: WireServer) -> None:
    pressed: list[bool] = []

    def seen(ran: Ran) -> None:
        if ran.streams["stdout"] and not pressed:
            pressed.append(True)
            models.wait_until(lambda: len(models.asked("gated")) == 1)
            kernel.interrupt()

    ran = kernel.run(f"print('now', flush=True)\nawait llmhub.{call} model='lab/gated')", seen=seen)
    assert ran.ename == "CancelledError"
    assert "map" not in call or ("0 of 1 rows" in ran.markdown and "stopped: interrupted" in ran.markdown)
    models.wait_until(lambda: [record.ended for record in models.asked("gated")] == ["left"])


def test_what_was_said_before_a_kernel_died_is_in_the_conversation(
    world: dict[str, str], kernel: Kernel, models: WireServer, tmp_path: Path
) -> None:
    class Died(Exception):
        pass

    models.gate("gated").release(2)
    with Kernel(world, tmp_path) as dying:

        def seen(ran: Ran) -> None:
            if "t1" in ran.markdown:
                dying.kill()
                raise Died

        dying.run("%load_ext llmhub")
        with pytest.raises(Died):
            dying.run("%%llm lab/gated -c dying\nSay something", seen=seen)
    ran = kernel.run("%%llm lab/echo -c dying\nWhere were we?")
    assert ran.status == "ok", ran
    said = [message["content"].strip() for message in models.requests[-1].body["messages"]]
    assert said == ["Say something", "t0 t1", "Where were we?"]


def test_no_key_is_in_an_output_a_body_or_a_file_of_the_notebooks(models: WireServer, tmp_path: Path) -> None:
    file = tmp_path / "llmhub.yaml"
    settings = settings_for(models)
    for provider in settings["providers"].values():
        provider["api_key"] = "${LAB_API_KEY}"
    file.write_text(json.dumps(settings))
    file.chmod(0o600)
    env = environment(tmp_path) | {"LLMHUB_CONFIG": str(file), "LAB_API_KEY": CANARY, "JPY_SESSION_NAME": str(tmp_path / "a.ipynb")}
    models.forget()
    heard: list[str] = []
    with Kernel(env, tmp_path) as kernel:
        kernel.run("%load_ext llmhub\nimport os, llmhub")
        for cell in (
            "%%llm -o a\nLook: {{ os.environ['LAB_API_KEY'] }} {{ dict(os.environ) }}",
            "a.text, a",
            "%%llm lab/echo-key\nHello",
            "llmhub.ask(os.environ['LAB_API_KEY'], system=os.environ['LAB_API_KEY'])",
            f"%%llm -c none --system {CANARY}\nHello",
            "key = os.environ['LAB_API_KEY']\nraise ValueError(key[::-1][::-1])",
            "%llm fix",
            "%%llm --context cells --dry-run\nWhat is {{ key }}?",
            "llmhub.map('{{ row }} {{ key }}', [1, 2], model='lab/echo')",
            "%llm history",
            "%llm usage",
        ):
            if "raise" not in cell:
                heard.append(kernel.run(cell).text)
            else:
                kernel.run(cell)
    assert {record.key for record in models.requests if record.model} == {CANARY}, "the key was used"
    assert CANARY not in json.dumps([record.body for record in models.requests])
    assert CANARY not in "".join(heard) and "********" in "".join(heard)
    written = [path for path in (tmp_path / "llmhub").rglob("*") if path.is_file()]
    assert {path.parent.name for path in written} >= {"notebooks", "map"}
    assert not [path for path in written if CANARY.encode() in path.read_bytes()]
