"""Starting costs next to nothing, answering counts as being in use, and stopping loses nothing."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from typing import Any

import pytest
from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider, User

from llmhub.hosts.server.handler import principal_of
from llmhub.identity import LOCAL
from tests.conftest import settings_for
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .api import Api, until

HEAVY = (
    "sqlalchemy",
    "alembic",
    "litellm",
    "aiohttp",
    "lancedb",
    "mcp",
    "httpx_aiohttp",
    "keyring",
    "pydantic",
    "llmhub.workspace",
)
REPORT = """
import json, os, pathlib, sys
def report():
    children = pathlib.Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    modules = sorted(name for name in sys.modules if name.startswith("llmhub"))
    found = {"heavy": [name for name in %r if name in sys.modules], "ours": modules, "children": children}
    pathlib.Path(os.environ["REPORT"]).write_text(json.dumps(found))
from jupyter_server.serverapp import ServerApp
stop = ServerApp._cleanup
async def cleanup(self):
    report()
    await stop(self)
ServerApp._cleanup = cleanup
"""


async def test_a_started_server_has_loaded_nothing_heavy_and_started_no_process(tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(REPORT % (HEAVY,))
    monkeypatch.setenv("REPORT", str(tmp_path / "report.json"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "site"), *sys.path]))
    async with JupyterProcess({}) as server:
        pass
    report = json.loads((tmp_path / "report.json").read_text())
    assert "llmhub.hosts.server.app" in report["ours"], "".join(server.log)
    assert report["heavy"] == []
    assert report["children"] == []
    assert not os.path.exists(os.environ["LLMHUB_DATA_DIR"])


async def test_a_server_that_is_answering_is_not_stopped_for_idleness(api: Api, wire: WireServer):
    stopped: list[bool] = []
    api.app.stop = lambda *_: stopped.append(True)
    api.app.shutdown_no_activity_timeout = -1
    await api.ask(await api.conversation(), model="lab/gated")
    api.app.shutdown_no_activity()
    assert stopped == []
    wire.gate().release(1, finish=True)
    await until(lambda: not api.workspace.runs.active_count)
    api.app.shutdown_no_activity()
    assert stopped == [True]


async def test_a_hubs_culler_sees_an_answer_that_nobody_watches(api: Api, wire: WireServer):
    await api.conversation()
    settings = api.app.web_app.settings
    await api.ask(await api.conversation(), model="lab/gated")
    api.extension._pulse.stop()
    api.app.kernel_manager.last_kernel_activity = long_ago = settings["llmhub_last_activity"] - timedelta(hours=2)
    settings |= {name: long_ago for name in ("llmhub_last_activity", "api_last_activity", "started")}
    api.extension._pulse.callback()
    assert api.app.web_app.last_activity() > long_ago + timedelta(hours=1)
    wire.gate().release(1, finish=True)
    await until(lambda: not api.workspace.runs.active_count)
    settings |= {name: long_ago for name in ("llmhub_last_activity", "api_last_activity", "started")}
    api.extension._pulse.callback()
    assert api.app.web_app.last_activity() == long_ago


async def test_stopping_the_server_keeps_what_was_said(wire: WireServer):
    async with JupyterProcess(settings_for(wire)) as server:
        conversation = await server.call("POST", "conversations", {})
        body = {"client_request_id": "1", "model": "lab/gated", "message": {"parts": [{"type": "text", "text": "Hello"}]}}
        run = await server.call("POST", f"conversations/{conversation['id']}/runs", body)
        async with server.session.get(f"runs/{run['run_id']}/events") as events:
            wire.gate().release(1)
            while b"t0 " not in await events.content.readline():
                pass
            await server.stop()
        await server.start()
        path = await server.call("GET", f"conversations/{conversation['id']}/messages")
        assert [(message["status"], message["parts"][0]["text"]) for message in path["items"]] == [
            ("complete", "Hello"),
            ("interrupted", "t0 "),
        ]
        assert "Traceback" not in "".join(server.log)


# ---- whose it is


class HubIdentityProvider(IdentityProvider):
    """As JupyterHub's: users have names of their own."""


def test_a_plain_servers_invented_users_are_one_owner():
    for provider in (IdentityProvider(), PasswordIdentityProvider()):
        assert principal_of(provider, User("anonymous-7")) == LOCAL


def test_a_hubs_users_are_themselves():
    ada = principal_of(HubIdentityProvider(), User("ada", display_name="Ada L."))
    assert (ada.id, ada.name) == ("ada", "Ada L.")


class TestTwoPeople:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        class ByHeader(HubIdentityProvider):
            def get_user(self, handler: Any) -> User | None:
                handler._token_authenticated = True
                return User(handler.request.headers["X-Who"])

        jp_server_config["ServerApp"]["identity_provider_class"] = ByHeader
        return jp_server_config

    async def test_nobody_sees_what_another_has(self, api: Api):
        ada, bob = {"X-Who": "ada"}, {"X-Who": "bob"}
        conversation = (await api.ok("POST", "conversations", {}, headers=ada))["id"]
        body = {"client_request_id": "1", "message": {"parts": [{"type": "text", "text": "Hello"}]}}
        run = (await api.ok("POST", f"conversations/{conversation}/runs", body, headers=ada))["run_id"]
        file = (await api.ok("POST", "files", data=b"x", headers=ada))["id"]
        assert (await api.ok("GET", "conversations", headers=bob))["items"] == []
        assert (await api.ok("GET", "runs", headers=bob))["items"] == []
        for path in ("", "/messages", "/tree"):
            assert (await api("GET", f"conversations/{conversation}{path}", headers=bob)).status == 404
        for path in ("", "/events"):
            assert (await api("GET", f"runs/{run}{path}", headers=bob)).status == 404
        assert (await api("POST", f"runs/{run}/stop", headers=bob, data=b"")).status == 404
        assert (await api("POST", f"conversations/{conversation}/runs", body, headers=bob)).status == 404
        assert (await api("PATCH", f"conversations/{conversation}", {"title": "mine"}, headers=bob)).status == 404
        assert (await api("DELETE", f"conversations/{conversation}", headers=bob)).status == 404
        assert (await api("GET", f"files/{file}", headers=bob)).status == 404
        stream = await api.stream(headers=bob)
        await stream.say({"watch": run})
        assert (await stream.hear())["error"]["code"] == "not_found"
        assert (await api("GET", f"conversations/{conversation}", headers=ada)).status == 200
