"""With the user's consent a notebook's libraries find the models by themselves; without it there is nothing to find."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

NAMES = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY")
ENVIRONMENT = f"import os, json; print(json.dumps([os.environ.get(name) for name in {NAMES!r}]))"
ASK_OPENAI = """
from openai import OpenAI
answer = OpenAI().chat.completions.create(model="lab/echo", messages=[{"role": "user", "content": "from a cell"}])
print(answer.choices[0].message.content)
"""
ASK_ANTHROPIC = """
from anthropic import Anthropic
asked = {"model": "lab/echo", "messages": [{"role": "user", "content": "from a cell"}]}
print(Anthropic().messages.create(max_tokens=99, **asked).content[0].text)
"""


@pytest.fixture
async def server(wire: WireServer) -> AsyncIterator[JupyterProcess]:
    async with JupyterProcess(settings_for(wire)) as running:
        yield running


class Kernel:
    """A real kernel of the server."""

    def __init__(self, server: JupyterProcess, kernel_id: str) -> None:
        self.id = kernel_id
        self._server = server
        file = Path(os.environ["JUPYTER_RUNTIME_DIR"]) / f"kernel-{kernel_id}.json"
        self._client = AsyncKernelClient(connection_file=str(file))
        self._client.load_connection_file()

    @classmethod
    async def started(cls, server: JupyterProcess, **body: Any) -> Kernel:
        made = await server.call("POST", f"{server.url}api/kernels", {"name": "python3", **body})
        kernel = cls(server, made["id"])
        kernel._client.start_channels(hb=False)
        await kernel._client.wait_for_ready(timeout=60)
        return kernel

    async def run(self, code: str) -> str:
        """What a cell prints."""
        said: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            said.append(content.get("text") or "\n".join(content.get("traceback", [])))

        await self._client.execute_interactive(code, output_hook=hear, timeout=60)
        return "".join(said).strip()

    async def environment(self) -> list[str | None]:
        return json.loads(await self.run(ENVIRONMENT))

    async def stop(self) -> None:
        self._client.stop_channels()
        await self._server.call("DELETE", f"{self._server.url}api/kernels/{self.id}")


async def consent(server: JupyterProcess, given: bool | None = True) -> Any:
    return await server.call("PATCH", "settings", {"kernel_access": given})


async def status(server: JupyterProcess, key: str, path: str = "llmhub/v1/models", **headers: str) -> int:
    sent = {"Authorization": f"Bearer {key}", **headers}
    async with server.session.get(f"{server.url}{path}", headers=sent) as answer:
        return answer.status


async def test_with_consent_the_official_clients_work_in_a_notebook_as_they_are(server: JupyterProcess):
    await consent(server)
    kernel = await Kernel.started(server)
    assert await kernel.run(ASK_OPENAI) == "from a cell"
    assert await kernel.run(ASK_ANTHROPIC) == "from a cell"
    openai_url, key, anthropic_url, other_key = await kernel.environment()
    assert (openai_url, anthropic_url) == (f"{server.url}llmhub/v1", f"{server.url}llmhub")
    assert key is not None and key == other_key and key not in "".join(server.log)

    await server.call("POST", f"{server.url}api/kernels/{kernel.id}/restart")
    assert await status(server, key) == 200  # a kernel that starts again keeps its key
    await kernel.stop()
    assert await status(server, key) == 401


async def test_without_consent_there_is_nothing_in_the_environment_and_nothing_of_ours_is_loaded(server: JupyterProcess):
    kernel = await Kernel.started(server)
    assert await kernel.environment() == [None] * 4
    await kernel.stop()


async def test_the_key_opens_the_models_and_nothing_else_and_ends_with_the_consent(server: JupyterProcess):
    await consent(server)
    kernel = await Kernel.started(server)
    key = str((await kernel.environment())[1])
    assert await status(server, key) == 200
    assert await status(server, "", "llmhub/v1/models", **{"x-api-key": key}) == 401  # an empty Authorization is one that is wrong
    for path in ("llmhub/api/models", "llmhub/api/conversations", "llmhub/api/config", "api/contents", "api/kernels", "api/me"):
        assert await status(server, key, path) in (401, 403), path
        assert await status(server, "", f"{path}?token={key}") in (401, 403), path
    async with server.session.patch("settings", json={"kernel_access": True}, headers={"Authorization": f"Bearer {key}"}) as answer:
        assert answer.status == 403
    await consent(server, None)
    assert await status(server, key) == 401
    await consent(server)
    assert await status(server, key) == 401  # it does not come back with the consent
    await kernel.stop()


async def test_what_the_user_has_set_themselves_stays(server: JupyterProcess, monkeypatch: pytest.MonkeyPatch, wire: WireServer):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-their-own")
    async with JupyterProcess({**settings_for(wire), "kernel_access": True}) as theirs:
        kernel = await Kernel.started(theirs)  # nobody has asked llmhub for anything yet
        openai_url, openai_key, anthropic_url, anthropic_key = await kernel.environment()
        assert (openai_url, openai_key) == (None, "sk-their-own")
        assert anthropic_url == f"{theirs.url}llmhub" and anthropic_key
        assert await status(theirs, anthropic_key) == 200
        await theirs.call("DELETE", "keys")
        assert await status(theirs, anthropic_key) == 401
        await kernel.stop()
