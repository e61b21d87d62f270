"""`llmhub.map` in a real kernel: values in order, errors by row, a cache that survives, a limit of cost, an interrupt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.providers.wire_server import WireServer

from .kernel import Kernel, Ran


def test_each_row_is_asked_once_and_what_was_answered_is_not_asked_again(kernel: Kernel, models: WireServer) -> None:
    kernel.run("import llmhub, pandas as pd\nsuffix = '!'")
    ran = kernel.run("m = llmhub.map('Say {{ row }}{{ suffix }}', range(40), model='lab/echo', concurrency=10)")
    assert ran.status == "ok" and "40 of 40 rows" in ran.outputs[-1]["data"]["text/plain"], ran
    assert kernel.value("[len(m), m[0].strip(), m[39].strip(), m.errors, m.cached]") == [40, "Say 0!", "Say 39!", {}, 0]
    assert len(models.asked("echo")) == 40
    kernel.run("m = llmhub.map('Say {{ row }}{{ suffix }}', range(42), model='lab/echo')")
    assert kernel.value("[m.cached, len(m)]") == [40, 42] and len(models.asked("echo")) == 42
    kernel.run("p = llmhub.map('Say {{ row }}', range(1000), model='lab/echo', dry_run=True)")
    assert kernel.value("[p.rows, p.input_tokens > 1000]") == [1000, True] and len(models.asked("echo")) == 42


def test_a_data_frame_asks_row_by_row_and_gives_objects(kernel: Kernel, models: WireServer) -> None:
    kernel.run("import pandas as pd, polars as pl, llmhub")
    kernel.run("df = pd.DataFrame({'city': ['Bern', 'Rome'], 'n': [1, 2]}, index=['a', 'b'])")
    ran = kernel.run(
        "s = df.llm.map('Where is {{ row.city }}?', model='lab/echo')\nt = df['city'].llm.map('{{ row }}', model='lab/echo')"
    )
    assert ran.status == "ok", ran
    assert kernel.value("[list(s.index), s['b'].strip(), t['a'].strip()]") == [["a", "b"], "Where is Rome?", "Bern"]
    kernel.run("q = pl.DataFrame({'city': ['Bern']}).llm.map('{{ row.city }}')")
    assert kernel.value("[type(q).__module__[:6], q[0].strip()]") == ["polars", "Bern"]
    kernel.run("r = llmhub.map('{{ row.city }} {{ row.n }}', df, model='lab/echo')")
    kernel.run("p = llmhub.map('{{ row.city }}', pl.DataFrame({'city': ['Bern']}), model='lab/echo')")
    assert kernel.value("[[text.strip() for text in r], [text.strip() for text in p]]") == [["Bern 1", "Rome 2"], ["Bern"]]
    ran = kernel.run("df.llm.map('{{ row.town }}', model='lab/echo')")
    assert "the row has no column 'town'; it has city, n" in ran.error


def test_rows_are_read_in_the_thread_that_called_and_what_reading_raises_is_raised(kernel: Kernel, models: WireServer) -> None:
    kernel.run("import sqlite3, llmhub\ndb = sqlite3.connect(':memory:')\ndb.execute('CREATE TABLE t (n)')")
    kernel.run("db.executemany('INSERT INTO t VALUES (?)', [(n,) for n in range(60)])")
    # A cursor of SQLite's refuses every other thread. Before its rows are asked a preview is made of the first twenty.
    for call in ("llmhub.map(", "await llmhub.map_async("):
        ran = kernel.run(f"m = {call}'Say {{{{ row[0] }}}}', db.execute('SELECT n FROM t'), model='lab/echo', concurrency=5)")
        assert ran.status == "ok", ran
        assert kernel.value("[[text.strip() for text in m], m.errors]") == [[f"Say {n}" for n in range(60)], {}]
    kernel.run("def lost():\n    yield from range(30)\n    raise LookupError('no more')")
    assert kernel.run("llmhub.map('{{ row }}', lost(), model='lab/echo')").ename == "LookupError"


def test_errors_stand_by_row_and_a_hopeless_one_ends_it_at_once(kernel: Kernel, models: WireServer) -> None:
    ran = kernel.run(
        "bad = llmhub.map('{{ 8 / row if row < 9 else 1/0 }}', [*range(1, 8), *[2] * 20, 9, 4], model='lab/echo', cache=False)"
    )
    assert kernel.value("[list(bad.errors), bad[27], bad[28].strip()]") == [[27], None, "2.0"], ran
    models.forget()
    ran = kernel.run("llmhub.map('{{ row }}', range(500), model='nowhere/x', concurrency=5)")
    assert ran.ename == "ModelNotFound" and not models.requests
    assert "would ask the same" in kernel.run("llmhub.map('Hello', [1, 2])").error


def test_rows_whose_answers_were_cut_off_are_told_from_whole_ones(kernel: Kernel, models: WireServer) -> None:
    for _ in ("asked", "answered before"):
        ran = kernel.run("m = llmhub.map('{{ row }}', ['one', 'two'], model='lab/length')")
        assert ran.status == "ok" and "2 cut off at the limit of tokens" in ran.outputs[-1]["data"]["text/plain"], ran
        assert kernel.value("[[text.strip() for text in m], sorted(m.cut_off), m.errors]") == [["one", "two"], [0, 1], {}]
    assert len(models.asked("length")) == 2
    assert kernel.value("sorted(llmhub.map('{{ row }}', ['whole'], model='lab/echo', progress=False).cut_off)") == []
    kernel.run("m = llmhub.map('{{ row }}', ['[1, 2'], model='lab/length', schema=list)")
    assert "cut off at its limit of tokens" in kernel.value("str(m.errors[0].hint)")


def test_what_cannot_be_a_batch_is_said_before_anything_is_asked(kernel: Kernel, models: WireServer) -> None:
    def error(call: str) -> str:
        return kernel.run(f"llmhub.map('{{{{ row }}}}', {call})").error

    assert "the price of gemini/new is not known" in error("[1], model='gemini/new', max_cost=1"), "a limit that nobody can keep"
    assert "A NoneType has no rows" in error("None")
    assert "max_cost '1': it is US dollars" in error("[1], max_cost='1'")
    assert "concurrency a: it is 1 to 200" in error("[1], concurrency='a'")
    assert not [record for record in models.requests if record.model]
    counts = "import numpy\nm = llmhub.map('{{ row }}', [1], model='lab/echo', concurrency=numpy.int64(8), max_cost=numpy.int64(1))"
    assert not kernel.run(counts).error


def test_a_batch_in_a_task_knows_the_names_of_whoever_began_it_and_columns_may_be_called_anything(
    kernel: Kernel, models: WireServer
) -> None:
    kernel.run("import asyncio, pandas as pd\ndf = pd.DataFrame({'values': ['Bern'], 'items': [1]})")
    kernel.run(
        "async def begin():\n    said = 'in'\n"
        "    batch = llmhub.map_async('{{ row.values }} {{ said }} {{ row.items }}', df, model='lab/echo')\n"
        "    return await asyncio.create_task(batch)\nm = await begin()"
    )
    assert kernel.value("[text.strip() for text in m]") == ["Bern in 1"]


@pytest.mark.parametrize("call", ["llmhub.map(", "await llmhub.map_async("])
def test_a_batch_says_what_it_costs_and_how_far_it_is(kernel: Kernel, models: WireServer, call: str) -> None:
    gate = models.gate("gated")
    said: list[str] = []

    def seen(ran: Ran) -> None:
        said.append(ran.markdown)
        if "0 of 3 rows" in ran.markdown:
            gate.release(1, finish=True)

    ran = kernel.run(f"m = {call}'{{{{ row }}}}', range(3), model='lab/gated', cache=False)", seen=seen)
    assert ran.status == "ok" and said[0].startswith("*3 rows to lab/gated: about "), ran
    assert "░" in said[1] and ran.markdown.startswith("*3 of 3 rows, "), said
    assert not kernel.run(f"m = {call}'{{{{ row }}}}', [1], model='lab/echo', progress=False)").outputs


def test_an_interrupt_and_a_limit_give_what_there_is(kernel: Kernel, models: WireServer) -> None:
    models.gate("gated").release(3, finish=False)
    pressed: list[bool] = []

    def seen(ran: Ran) -> None:
        if not pressed and "of 30 rows" in str(ran.outputs):
            pressed.append(True)
            models.wait_until(lambda: len(models.asked("gated")) == 3)
            kernel.interrupt()

    ran = kernel.run("part = llmhub.map('{{ row }}', range(30), model='lab/gated', concurrency=3)", seen=seen)
    assert ran.status == "ok" and kernel.value("[part.stopped, part.done, len(part)]") == ["interrupted", 0, 3]
    models.wait_until(lambda: [record.ended for record in models.asked("gated")] == ["left"] * 3)


def test_an_interrupt_that_comes_as_a_batch_begins_stops_it(kernel: Kernel, models: WireServer) -> None:
    models.gate("gated")
    kernel.run(
        "from llmhub.hosts.notebook.kernel import here\nsubmit = here.client.submit\n"
        "def pressed(work):\n    begun = submit(work)\n    if work.__qualname__ == 'Mapper.run':\n"
        "        raise KeyboardInterrupt\n    return begun\nhere.client.submit = pressed"
    )
    ran = kernel.run("part = llmhub.map('{{ row }}', range(30), model='lab/gated', concurrency=3)")
    kernel.run("here.client.submit = submit")
    assert ran.status == "ok" and kernel.value("[part.stopped, part.done]") == ["interrupted", 0], ran
    models.wait_until(lambda: all(record.ended == "left" for record in models.asked("gated")))


def test_a_batch_goes_on_where_a_killed_kernel_left_it(
    world: dict[str, str], kernel: Kernel, models: WireServer, tmp_path: Path
) -> None:
    batch = "llmhub.map('Row {{ row_of(row) }}', range(40), model='lab/echo', concurrency=2, progress=False)"
    with Kernel(world, tmp_path) as dying:
        dying.run("import llmhub, os\ndef row_of(n):\n    if n == 28: os.kill(os.getpid(), 9)\n    return n")
        dying.start(batch)
        dying.wait_until_dead()
    asked = len(models.asked("echo"))
    kernel.run(f"import llmhub\nrow_of = int\nm = {batch}")
    cached, texts = kernel.value("[m.cached, [text.strip() for text in m]]")
    assert texts == [f"Row {n}" for n in range(40)] and 20 <= cached <= asked
    assert len(models.asked("echo")) == asked + 40 - cached
