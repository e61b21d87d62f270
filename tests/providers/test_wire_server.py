"""The model server that all tests stand on, in its three forms."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from .dialects import DIALECTS
from .wire_server import WireServer


def post(url: str, body: Any) -> str:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return response.read().decode()


def chat(url: str, model: str) -> str:
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "hello you"}]}
    return post(f"{url}/v1/chat/completions", body)


def test_it_serves_from_a_thread_and_lets_tokens_through_when_told() -> None:
    with WireServer.in_thread() as server:
        server.gate("gated").release(2, finish=True)
        assert "t1 " in chat(server.url, "gated")
        server.wait_until(lambda: server.requests[0].ended == "done")


def test_it_serves_as_a_process_and_is_steered_over_http(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "tests.providers.wire_server", "--port-file", str(port_file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert url.endswith(port_file.read_text())
        post(f"{url}/control/release", {"gate": "gated", "tokens": 1, "finish": True})
        assert "t0 " in chat(url, "gated")
        with urllib.request.urlopen(f"{url}/control/until?requests=1") as response:
            (record,) = json.load(response)
        assert (record["model"], record["ended"]) == ("gated", "done")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        process.stdout.close()  # type: ignore[union-attr]


def test_its_docstring_names_every_model_that_it_lists() -> None:
    from . import wire_server

    assert wire_server.__doc__ is not None
    for model in ("echo", "slow", "gated", "reasoner", "tools", "vision", "markdown", "cut-midstream"):
        assert model in wire_server.__doc__
    assert set(DIALECTS) == {"openai", "responses", "anthropic", "gemini", "ollama"}
