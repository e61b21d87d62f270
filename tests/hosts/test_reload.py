"""A changed llmhub.yaml counts at once, in a running server; a broken one changes nothing and is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.providers.wire_server import WireServer

from .api import Api

SECRET = "sk-canary-0123456789"


@pytest.fixture
def host_settings() -> dict[str, Any]:
    """The host says little: the file does."""
    return {"local_servers": []}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wire: WireServer) -> Path:
    path = tmp_path / "llmhub.yaml"
    path.write_text(provider("lab", wire))
    path.chmod(0o600)
    monkeypatch.setenv("LLMHUB_CONFIG", str(path))
    return path


def provider(name: str, wire: WireServer, **more: str) -> str:
    settings = {"kind": "openai", "base_url": wire.base_url("openai"), "api_key": SECRET, **more}
    lines = "".join(f"    {key}: {value}\n" for key, value in settings.items())
    return f"default_model: {name}/echo\nproviders:\n  {name}:\n{lines}"


async def test_the_next_request_sees_what_the_file_says_now(api: Api, file: Path, wire: WireServer):
    assert (await api.ok("GET", "config"))["default_model"] == "lab/echo"
    file.write_text(provider("other", wire))
    config = await api.ok("GET", "config")
    assert config["default_model"] == "other/echo" and config["notices"] == []
    assert config["settings"]["default_model"]["source"] == f"file {file}:1"
    models = [model["id"] for model in (await api.ok("GET", "models"))["items"]]
    assert "other/echo" in models and "lab/echo" not in models
    run = await api.ask(await api.conversation(), "to the new one", model="other/echo")
    assert (await api.events(run["run_id"]))[-1]["status"] == "complete"
    replaced = file.with_suffix(".new")  # as careful editors do it
    replaced.write_text(provider("third", wire))
    replaced.replace(file)
    assert (await api.ok("GET", "config"))["default_model"] == "third/echo"


async def test_an_open_page_is_told_though_nobody_asks_anything(api: Api, file: Path, wire: WireServer):
    await api.ok("GET", "config")
    page = await api.stream()
    file.write_text(provider("other", wire))
    assert (await page.hear())["changed"] == {"what": "settings.changed"}
    assert api.workspace.config.settings.default_model == "other/echo"


async def test_a_broken_file_changes_nothing_and_is_said(api: Api, file: Path, wire: WireServer, caplog: pytest.LogCaptureFixture):
    await api.ok("GET", "config")
    page = await api.stream()
    broken = provider("lab", wire).replace("base_url", "baseurl").replace("lab/echo", "x/y")
    file.write_text(broken)
    config = await api.ok("GET", "config")
    assert config["default_model"] == "lab/echo"
    (notice,) = config["notices"]
    assert notice["code"] == "file_broken"
    assert "Did you mean `providers.lab.base_url`?" in notice["message"]
    assert (notice["details"]["key"], notice["details"]["line"]) == ("providers.lab.baseurl", 5)
    assert SECRET not in json.dumps(config)
    assert (await page.hear())["changed"] == {"what": "settings.changed"}
    said = [record.getMessage() for record in caplog.records if "goes on with the settings" in record.getMessage()]
    assert len(said) == 1 and f"{file}, line 5" in said[0] and SECRET not in said[0]
    run = await api.ask(await api.conversation(), model="lab/echo")
    assert (await api.events(run["run_id"]))[-1]["status"] == "complete"
    # a person's own settings can still be changed, and stand when the file is right again
    assert (await api.ok("PATCH", "settings", {"default_model": "lab/slow"}))["default_model"] == "lab/slow"
    file.write_text(provider("lab", wire))
    config = await api.ok("GET", "config")
    assert config["notices"] == [] and config["default_model"] == "lab/slow"


async def test_an_answer_under_way_goes_on_as_it_began(api: Api, file: Path, wire: WireServer):
    conversation = await api.conversation()
    run = await api.ask(conversation, model="lab/gated")
    gate = wire.gate("gated")
    gate.release(1)
    await wire.until(lambda: bool(wire.asked("gated")))  # before that, its list of models
    file.write_text(provider("other", wire))
    assert (await api.ok("GET", "config"))["default_model"] == "other/echo"
    gate.release(2, finish=True)
    assert (await api.events(run["run_id"]))[-1]["status"] == "complete"
    later = await api.ask(conversation, model="lab/echo")
    assert (await api.events(later["run_id"]))[-1]["error"]["code"] == "model_not_found"


async def test_a_file_that_comes_and_goes_counts_while_it_is_there(api: Api, file: Path, wire: WireServer, monkeypatch: Any):
    folder = file.parent / "jupyter-config"
    folder.mkdir()
    monkeypatch.delenv("LLMHUB_CONFIG")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(folder))
    assert (await api.ok("GET", "config"))["default_model"] is None
    (folder / "llmhub.yaml").write_text(provider("lab", wire))
    assert (await api.ok("GET", "config"))["default_model"] == "lab/echo"
    (folder / "llmhub.yaml").unlink()
    assert (await api.ok("GET", "config"))["default_model"] is None


async def test_a_database_that_was_changed_waits_for_a_restart_and_says_so(api: Api, file: Path, wire: WireServer):
    await api.ok("GET", "config")
    file.write_text(f"{provider('lab', wire)}database_url: postgresql://me:{SECRET}@127.0.0.1/x\n")
    config = await api.ok("GET", "config")
    assert [notice["code"] for notice in config["notices"]] == ["restart_needed"]
    assert SECRET not in json.dumps(config)
    await api.conversation()
