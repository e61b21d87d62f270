"""llmhub in a kernel: milliseconds of `%load_ext llmhub`, from the provider's first token to the cell, of `llmhub.map`, and of the
panel's look at a data frame of 2 GB.

    python -m tests.bench.notebook [--served]

1,000 rows, 50 at once, of a provider that takes 200 ms and is a process of its own: ideal are 4 s. The kernel, that provider and
the server, if there is one, share the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from tests.conftest import settings_for
from tests.hosts.notebook.kernel import Kernel, Ran
from tests.providers.wire_server import WireServer
from tests.test_live import python_in
from tests.world import environment

from .processes import wire_server

ROWS, AT_ONCE, SECONDS = 1000, 50, 0.2


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--served", action="store_true", help="with a Jupyter server, in a process of its own")
    told = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        models = stack.enter_context(WireServer.in_thread())
        apart = {"kind": "openai", "base_url": f"{stack.enter_context(wire_server(folder))}/v1", "api_key": "sk-test-key"}
        settings = settings_for(models)
        settings["providers"]["apart"] = apart
        file = folder / "llmhub.yaml"
        file.write_text(json.dumps(settings))
        file.chmod(0o600)
        env = environment(folder) | {"LLMHUB_CONFIG": str(file)}
        if told.served:
            from llmhub.hosts.cli.private import PrivateServer

            os.environ.update(env)
            server = stack.enter_context(PrivateServer())
            env |= {"LLMHUB_SERVER": server.url, "LLMHUB_TOKEN": server.token}
        kernel = stack.enter_context(Kernel(env, folder))
        loads = "import time; t = time.perf_counter()\n%load_ext llmhub\nprint(time.perf_counter() - t)"
        print(f"%load_ext llmhub: {float(kernel.run(loads).streams['stdout']) * 1000:.1f} ms")
        kernel.run("%%llm lab/echo\nHello")
        print(f"first token: {statistics.median(first_token(kernel, models) for _ in range(9)) * 1000:.1f} ms after the provider's")
        kernel.run("import llmhub")
        took, grown = look(kernel)
        print(f"look at a data frame of 2 GB: {took * 1000:.0f} ms, {grown:.0f} MB more at most")
        call = f"'{{{{ row }}}}', range({ROWS}), model='apart/tokens-2-at-{1 / SECONDS:g}', concurrency={AT_ONCE}, cache=False"
        clocks = "[time.perf_counter(), time.process_time()]"
        for _ in range(3):
            ran = kernel.run(f"t = {clocks}\nm = llmhub.map({call})\nprint([b - a for a, b in zip(t, {clocks})], len(m.errors))")
            print(f"map: {ran.streams['stdout'].strip()} (s, CPU s of the kernel; errors); ideal {ROWS / AT_ONCE * SECONDS:g} s")


def first_token(kernel: Kernel, models: WireServer) -> float:
    """Seconds from its release at the provider until the kernel's client has it."""
    models.forget()
    gate = models.gate("gated")
    released: list[float] = []
    came: list[float] = []

    def release() -> None:
        models.wait_until(lambda: len(models.asked("gated")) == 1)
        time.sleep(0.15)
        released.append(time.monotonic())
        gate.release(1, finish=True)

    def seen(ran: Ran) -> None:
        if ran.markdown.startswith("t0") and not came:
            came.append(time.monotonic())

    thread = threading.Thread(target=release)
    thread.start()
    kernel.run("%%llm lab/gated -c none\nHello", seen=seen)
    thread.join()
    return came[0] - released[0]


def look(kernel: Kernel) -> tuple[float, float]:
    """Seconds until the panel has what it shows of a variable, and the MB that the kernel grew by for it, at most."""
    kernel.run(
        "import resource, numpy, pandas\nframe = pandas.DataFrame(numpy.random.default_rng(1).random((12_500_000, 20)), copy=False)"
    )
    peak = "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    before = int(kernel.run(peak).streams["stdout"])
    source = f"{python_in('snippet.ts')}\nanswer = Answer(look(space, 'frame'))\n"
    begun = time.monotonic()
    ran = kernel.run(f"own = {{'__name__': 'llmhub_look', 'space': globals()}}\nexec({source!r}, own)\nown['answer']")
    took = time.monotonic() - begun
    assert "12500000" in ran.text, ran.text
    grown = int(kernel.run(peak).streams["stdout"]) - before
    kernel.run("del frame")
    return took, grown / 1024


if __name__ == "__main__":
    main()
