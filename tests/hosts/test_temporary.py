"""A temporary conversation leaves nothing: neither on the disk nor in what is found, counted, exported or logged."""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import zipfile
from pathlib import Path

import pytest

from tests.providers.wire_server import WireServer

from .api import Api

SECRET = "zqx7secret"
PICTURE = b"\x89PNG\r\n\x1a\n" + SECRET.encode()


async def test_nothing_of_a_temporary_conversation_is_written_found_exported_or_logged(
    api: Api, wire: WireServer, own_world: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    named = {"Content-Type": "text/plain", "X-File-Name": f"{SECRET}.txt"}
    attached = (await api("POST", "files?temporary=true", data=f"{SECRET} of a file".encode(), headers=named)).json
    conversation = await api.conversation(temporary=True, title=f"{SECRET} title", params={"system": f"{SECRET} instructions"})
    parts = [
        {"type": "text", "text": f"{SECRET} question"},
        {"type": "file", "file_id": attached["id"], "name": attached["name"], "media_type": "text/plain"},
        {"type": "image", "url": f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}", "media_type": "image/png"},
    ]
    asked = await api.ask(conversation, message={"parts": parts}, model="lab/echo")
    await api.events(asked["run_id"])
    assert SECRET in str(wire.requests[-1].body) and f"{SECRET} of a file" in str(wire.requests[-1].body)
    failed = await api.ask(conversation, SECRET, parent_id=asked["message_id"], model="lab/malformed-json")
    await api.events(failed["run_id"])
    await api.ok("PATCH", f"conversations/{conversation}", {"title": f"{SECRET} again", "tags": [SECRET]})
    rated = {"starred": True, "rating": {"value": 1, "text": SECRET}}
    await api.ok("PATCH", f"conversations/{conversation}/messages/{asked['message_id']}", rated)
    copy = await api.ok("POST", f"conversations/{conversation}/duplicate", {"client_request_id": SECRET})
    running = await api.ask(copy["id"], SECRET, model="lab/gated")
    wire.gate().release(2)
    await api.workspace.runs.ledger.flush()

    lists = ("conversations", "tags", "stars", "ratings", f"search?q={SECRET}", "usage/csv", "runs")
    told = [await api("GET", path) for path in lists]
    packed = [await api("GET", f"export?format={format}") for format in ("json", "ipynb", "md", "html")]
    for answer in packed:
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            assert not [name for name in archive.namelist() if SECRET.encode() in name.encode() + archive.read(name)]
    answers = [answer.data.replace(f'"q":"{SECRET}"'.encode(), b"") for answer in (*told, *packed)]
    assert all(answer.status == 200 for answer in (*told, *packed))
    assert not [answer for answer in answers if SECRET.encode() in answer]
    written = [path for path in await asyncio.to_thread(lambda: list(own_world.rglob("*"))) if path.is_file()]
    assert "llmhub.db" in {path.name for path in written}
    assert not [path for path in written if SECRET.encode() in str(path).encode() + path.read_bytes()]
    await api.ok("POST", f"runs/{running['run_id']}/stop")
    assert SECRET not in caplog.text.replace(f"q={SECRET}", "")

    given = await api("GET", f"files/{attached['id']}")
    assert given.data == f"{SECRET} of a file".encode() and given.headers["Cache-Control"] == "no-store"
    await api("DELETE", f"conversations/{conversation}")
    assert (await api("GET", f"files/{attached['id']}")).status == 200, "its copy has it, too"
    await api("DELETE", f"conversations/{copy['id']}")
    assert (await api("GET", f"files/{attached['id']}")).status == 404


@pytest.mark.parametrize("temporary", [False, True])
async def test_a_file_is_counted_by_its_size_in_a_temporary_conversation_too(api: Api, temporary: bool):
    named = {"Content-Type": "text/plain", "X-File-Name": "long.txt"}
    where = "files?temporary=true" if temporary else "files"
    file = (await api("POST", where, data=b"a word " * 8_000, headers=named)).json
    conversation = await api.conversation(temporary=temporary)
    part = {"type": "file", "file_id": file["id"], "name": file["name"], "media_type": "text/plain"}
    asked = await api.ask(conversation, message={"parts": [part]}, model="lab/echo")
    await api.events(asked["run_id"])
    counted = await api.ok("GET", f"conversations/{conversation}/context?model=lab/echo&leaf={asked['user_message_id']}")
    assert counted["files"] > 10_000
