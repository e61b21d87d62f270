"""Exports over HTTP: one conversation in every format, all of them as a zip, and the commands that fetch them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest

from llmhub import AsyncClient
from llmhub.client import Progress
from llmhub.conversations.transfer.export import Options
from llmhub.errors import Conflict, Interrupted, NotFound
from llmhub.identity import LOCAL, Principal
from llmhub.ids import new_id

from .api import Api
from .test_terminal import Done, Terminal, terminal  # noqa: F401


async def talk(api: Api, title: str = "Zähler: a/b") -> str:
    """A question with a picture, and its answer."""
    id = await api.conversation(title=title)
    stored = await api("POST", "files", data=b"\x89PNG picture", headers={"Content-Type": "image/png", "X-File-Name": "p.png"})
    parts = [
        {"type": "text", "text": "```python\n1 + 1\n```"},
        {"type": "image", "file_id": stored.json["id"], "media_type": "image/png"},
    ]
    body = {"client_request_id": new_id(), "message": {"parts": parts}, "model": "lab/echo"}
    run = await api.ok("POST", f"conversations/{id}/runs", body)
    await api.events(run["run_id"])
    return id


async def test_a_conversation_is_downloaded_in_every_format_under_its_title(api: Api) -> None:
    id = await talk(api)
    for format, text in {
        "json": b'"llmhub.conversation"',
        "md": "# Zähler".encode(),
        "html": b"<!DOCTYPE html>",
        "ipynb": b'"nbformat"',
    }.items():
        answer = await api("GET", f"conversations/{id}/export?format={format}")
        assert answer.status == 200 and text in answer.data
        assert answer.headers["Content-Disposition"].endswith(f"filename*=UTF-8''Z%C3%A4hler%20a%20b.{format}")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    book: Any = nbformat.reads((await api("GET", f"conversations/{id}/export?format=ipynb")).data.decode(), as_version=4)
    nbformat.validate(book)
    assert [cell.source for cell in book.cells if cell.cell_type == "code"] == ["1 + 1"]
    document = (await api("GET", f"conversations/{id}/export")).json
    assert [message["role"] for message in document["messages"]] == ["user", "assistant"] and document["files"][0]["data"]
    code = await api("GET", f"conversations/{id}/export?format=ipynb&only=code&prompts=hidden")
    assert [cell["cell_type"] for cell in code.json["cells"]] == ["code"]


async def test_what_cannot_be_exported_is_said(api: Api) -> None:
    id = await talk(api)
    assert (await api("GET", f"conversations/{new_id()}/export")).status == 404
    assert (await api("GET", f"conversations/{id}/export?leaf={new_id()}")).error["code"] == "not_found"
    assert (await api("GET", f"conversations/{id}/export?format=docx")).status == 422
    assert (await api("GET", "export?branches=some")).status == 422


async def test_everything_is_one_zip_without_what_is_temporary(api: Api) -> None:
    ids = [await talk(api, f"No. {number}") for number in range(3)]
    await api.conversation(temporary=True)
    answer = await api("GET", "export?format=json")
    assert (
        answer.headers["Content-Type"] == "application/zip"
        and "llmhub%20conversations.zip" in answer.headers["Content-Disposition"]
    )
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert packed.testzip() is None
        index = json.loads(packed.read("index.json"))
        assert [each["id"] for each in index["conversations"]] == ids and index["failed"] == []
        assert sum(packed.read(name) == b"\x89PNG picture" for name in packed.namelist()) == 3


async def test_an_announced_export_says_how_far_it_is_and_is_fetched_once(api: Api) -> None:
    ids = [await talk(api, f"No. {number}") for number in range(3)]
    request = {"client_request_id": new_id(), "format": "md"}
    run = (await api.ok("POST", "export", request))["run_id"]
    assert (await api.ok("POST", "export", request))["run_id"] == run
    (job,) = (await api.ok("GET", "jobs"))["items"]
    assert (job["run_id"], job["kind"], job["status"], job["result"]) == (run, "export", "running", {"conversations": 0, "of": 3})
    answer = await api("GET", f"export?run_id={run}")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert sum(name.endswith(".md") for name in packed.namelist()) == len(ids)
    end = (await api.events(run))[-1]
    assert (end["status"], end["result"]) == ("complete", {"conversations": 3, "of": 3})
    assert (await api("GET", f"export?run_id={run}")).status == 404
    assert (await api.ok("GET", "jobs"))["items"] == []


async def test_a_stopped_export_ends_its_download_and_one_that_nobody_fetches_ends_too(api: Api) -> None:
    await talk(api)
    exports, me = api.workspace.exports, LOCAL
    job = await exports.start(me, Options())
    pieces = exports.take(me, job.id)
    with pytest.raises(Conflict):
        exports.take(me, job.id)
    with pytest.raises(NotFound):
        exports.take(Principal(id="somebody-else"), job.id)
    assert (await api.ok("POST", f"runs/{job.id}/stop"))["status"] == "stopped"
    with pytest.raises(Interrupted):
        [piece async for piece in pieces]
    late = await exports.start(me, Options(), waits=0)
    end = (await api.events(late.id))[-1]
    assert (end["status"], end["error"]["message"]) == ("failed", "Nobody fetched the export.")
    left = await exports.start(me, Options())
    given = exports.take(me, left.id)
    await anext(given)
    await given.aclose()  # type: ignore[attr-defined]
    assert (await api.events(left.id))[-1]["error"]["message"] == "The download ended before everything was in it."


async def test_the_client_hears_how_far_it_is_and_that_a_server_is_too_old(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk(api)
    heard: list[Progress] = []
    async with AsyncClient(api.app.connection_url.replace("localhost", "127.0.0.1"), api.token) as hub:
        await hub.export_all(tmp_path / "a.zip", progress=heard.append)
        assert (heard[-1].stage, heard[-1].fraction, heard[-1].size) == ("exporting", 1.0, (tmp_path / "a.zip").stat().st_size)
        heard.clear()
        looked = await hub.import_file(tmp_path / "a.zip", dry_run=True, progress=heard.append)
        assert isinstance(looked, dict) and looked["unchanged"] == 1
        assert {one.stage for one in heard} == {"sending", "reading"} and heard[-2].fraction == 1.0
        heard.clear()
        await hub.import_file(tmp_path / "a.zip", progress=heard.append)
        assert heard[-1].stage == "importing"
        with pytest.raises(NotFound, match="older than this one"):
            await hub._wire.json("GET", "not-yet-invented")
        with pytest.raises(NotFound, match="no such conversation"):
            await hub.export(new_id())


async def test_the_command_and_the_client_write_files(api: Api, terminal: Terminal, tmp_path: Path) -> None:  # noqa: F811
    id = await talk(api)
    path = tmp_path / "talk.ipynb"
    assert await terminal("export", "last", "-o", path) == Done(0, "", "")
    assert json.loads(path.read_text())["nbformat"] == 4
    refused = await terminal("export", "last", "-o", path)
    assert refused.code == 1 and "is there already" in refused.err
    assert (await terminal("export", "last", "-F", "md")).out.startswith("# Zähler")
    assert (await terminal("export", "--all", "-o", tmp_path / "all.zip")).code == 0
    assert zipfile.is_zipfile(tmp_path / "all.zip")
    assert (await terminal("export")).code == 1
    async with AsyncClient(api.app.connection_url.replace("localhost", "127.0.0.1"), api.token) as hub:
        assert b"# Z" in await hub.export(id, "md")
        assert await hub.export_all(tmp_path / "more.zip", "md") == (tmp_path / "more.zip").stat().st_size
    assert {each.suffix for each in tmp_path.glob("*.*")} == {".ipynb", ".zip"}  # no part of a download is left
