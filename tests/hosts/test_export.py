"""Exports over HTTP: one conversation in every format, all of them as a zip, and the commands that fetch them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import nbformat

from llmhub import AsyncClient
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
