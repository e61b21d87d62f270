"""Whatever is sent to any documented route of a real server: never a 500, and the answer is what the document says.

The fuzzer may name any provider and any address, so the server's process is walled in: it reaches loopback addresses only.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer
from tests.servers import TOKEN, JupyterProcess

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method"
EXAMPLES = 8
"""Per operation, beside the border cases that are always sent."""
WALL = """
import socket
resolve, connect = socket.getaddrinfo, socket.socket.connect
def getaddrinfo(host, *args, **kwargs):
    if host not in (None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1"):
        raise socket.gaierror(socket.EAI_NONAME, "walled in")
    return resolve(host, *args, **kwargs)
class Walled(socket.socket):
    def connect(self, address):
        if self.family != socket.AF_UNIX and not str(address[0]).startswith("127.") and address[0] != "::1":
            raise OSError("walled in")
        return connect(self, address)
    def connect_ex(self, address):
        self.connect(address)
        return 0
    def sendto(self, *args):
        raise OSError("walled in")
socket.getaddrinfo = getaddrinfo
socket.socket = Walled
"""


@pytest.fixture
def wall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wall").mkdir()
    (tmp_path / "wall" / "sitecustomize.py").write_text(WALL)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "wall"), *sys.path]))


@pytest.mark.timeout(600)
async def test_no_route_fails_whatever_it_is_sent(wall: None, wire: WireServer, tmp_path: Path):
    async with JupyterProcess(settings_for(wire, default_model="lab/tokens-3-at-0")) as server:
        conversation = await server.call("POST", "conversations", {"title": "to be found"})
        question = {"client_request_id": "1", "message": {"parts": [{"type": "text", "text": "Hello"}]}}
        run = await server.call("POST", f"conversations/{conversation['id']}/runs", question)
        document = _with_known(await server.call("GET", "openapi.json"), conversation["id"], run["run_id"])
        (tmp_path / "openapi.json").write_text(json.dumps(document))
        said, status = await _fuzz(tmp_path / "openapi.json", f"{server.url}llmhub/api")
        assert status == 0, said
        async with server.session.get(f"{server.url}llmhub/v1/openapi.json") as answer:
            (tmp_path / "doors.json").write_text(await answer.text())
        said, status = await _fuzz(tmp_path / "doors.json", f"{server.url}llmhub/v1")
        assert status == 0, said
        again = await server.call("POST", "conversations", {})
        run = await server.call(
            "POST", f"conversations/{again['id']}/runs", question | {"client_request_id": "2", "model": "lab/echo"}
        )
        async with server.session.get(f"runs/{run['run_id']}/events") as events:
            assert '"status":"complete"' in await events.text()
        log = "".join(server.log)
        assert "Traceback" not in log and "unexpectedly" not in log, log


def _with_known(document: dict[str, Any], conversation_id: str, run_id: str) -> dict[str, Any]:
    """The document with ids that exist among its examples."""
    known = {"conversation_id": conversation_id, "run_id": run_id, "name": "lab"}
    for path in document["paths"].values():
        for parameter in path.pop("parameters", []):
            for method, operation in path.items():
                parameters = operation.setdefault("parameters", [])
                one = known.get(parameter["name"])
                if one is None or method == "delete":
                    parameters.append(parameter)
                else:
                    parameters.append(parameter | {"schema": {"anyOf": [{"const": one}, parameter["schema"]]}, "example": one})
    return document


async def _fuzz(document: Path, url: str) -> tuple[str, int]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", url, "--header", f"Authorization:token {TOKEN}"),
        *("--checks", CHECKS, "--mode", "all", "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES)),
        *("--continue-on-failure", "--generation-deterministic", "--no-color", "--no-shrink"),
        *("--suppress-health-check", "all", "--request-timeout", "60"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=document.parent,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return said.decode(), process.returncode
