"""Conversations from elsewhere through the server: looked at, brought in, stopped, brought in again."""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import Any

from llmhub.ids import new_id
from llmhub.workspace import Workspace

from .api import Answer, Api


def talk(number: int, title: str | None = None) -> dict[str, Any]:
    """A conversation as ChatGPT exports it."""

    def node(id: str, parent: str | None, role: str, text: str) -> dict[str, Any]:
        message = {"author": {"role": role}, "create_time": 1.7e9 + number, "content": {"content_type": "text", "parts": [text]}}
        return {"id": id, "parent": parent, "message": message}

    mapping = {
        "r": {"id": "r", "parent": None, "message": None},
        "q": node("q", "r", "user", f"Question {number}"),
        "a": node("a", "q", "assistant", f"Answer {number}"),
    }
    return {
        "id": f"c{number}",
        "title": title or f"Talk {number}",
        "create_time": 1.7e9 + number,
        "mapping": mapping,
        "current_node": "a",
    }


async def send(api: Api, data: bytes | list[Any], name: str = "conversations.json", query: str = "", field: str = "file") -> Answer:
    """A file as a browser sends it."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    head = f'--edge\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: application/json\r\n\r\n'
    form = head.encode() + body + b"\r\n--edge--\r\n"
    return await api("POST", f"import{query}", data=form, headers={"Content-Type": "multipart/form-data; boundary=edge"})


async def imported(api: Api, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The result of an import, as its last event has it."""
    begun = await send(api, *args, **kwargs)
    assert begun.status == 202, begun.data
    events = await api.events(begun.json["run_id"])
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["type"], events[-1]["type"], events[-1]["status"]) == ("progress", "run.finished", "complete")
    return events[-1]["result"]


async def test_what_would_come_in_is_said_and_then_comes_in_once(api: Api):
    file = [talk(1), {"title": "Corrupt", "mapping": None}, talk(2)]
    looked = await send(api, file, query="?dry_run=true")
    assert looked.status == 200
    preview = looked.json
    assert (preview["product"], preview["name"], preview["new"], preview["failed"]) == ("ChatGPT", "conversations.json", 2, 1)
    assert [item["title"] for item in preview["items"]] == ["Talk 1", "Talk 2"]
    assert preview["failures"] == [{"name": "Corrupt", "reason": "It has no `mapping`: its messages are not in the export."}]
    assert (await api("GET", "conversations")).json["items"] == []

    begun = await api("POST", f"import?upload_id={preview['upload_id']}")  # the file itself is not sent again
    assert begun.status == 202
    result = (await api.events(begun.json["run_id"]))[-1]["result"]
    assert (result["imported"], result["unchanged"], len(result["failed"])) == (2, 0, 1)
    listed = (await api("GET", "conversations")).json["items"]
    assert {item["id"] for item in listed} == set(result["conversation_ids"])
    run = (await api("GET", f"runs/{begun.json['run_id']}")).json
    assert (run["kind"], run["status"], run["result"]) == ("import", "complete", result)

    again = await imported(api, file)
    assert (again["imported"], again["unchanged"], again["conversation_ids"]) == (0, 2, [])
    assert (await api("POST", f"import?upload_id={preview['upload_id']}")).status == 404


async def test_the_same_request_begins_once(api: Api):
    request = new_id()
    first = await send(api, [talk(1)], query=f"?client_request_id={request}")
    second = await send(api, [talk(1)], query=f"?client_request_id={request}")
    assert first.json == second.json
    await api.events(first.json["run_id"])
    assert list((api.workspace.config.data_dir / "imports").iterdir()) == []


async def test_a_file_of_which_nothing_can_be_read_is_listed_with_its_reason(api: Api):
    for name, data, reason in (
        ("conversations.json", b"{", "It is broken JSON: the download may have been cut off."),
        ("photo.png", b"\x89PNG", "There are no conversations in photo.png that llmhub can read."),
    ):
        begun = await send(api, data, name)
        end = (await api.events(begun.json["run_id"]))[-1]
        [failed] = end["result"]["failed"]
        assert (end["status"], end["error"]["code"], end["result"]["imported"]) == ("failed", "invalid", 0)
        assert failed["name"] == name and failed["reason"].startswith(reason)


async def test_what_is_stopped_keeps_what_came_in_and_can_be_begun_again(api: Api):
    file = [talk(number) for number in range(3000)]
    begun = await send(api, file)
    stopped = await api("POST", f"runs/{begun.json['run_id']}/stop")
    assert (stopped.status, stopped.json["status"]) == (200, "stopped")
    came = stopped.json["result"]["imported"]
    assert came < 3000
    assert (await api.events(begun.json["run_id"]))[-1]["status"] == "stopped"
    rest = await imported(api, file[: came + 5])
    assert (rest["imported"], rest["unchanged"]) == (5, came)


async def test_a_run_whose_server_went_away_says_so(api: Api):
    begun = await send(api, [talk(1)])
    await api.events(begun.json["run_id"])
    jobs = api.workspace.runs.jobs
    record, _ = await jobs._store.begin("local", kind="import", name="big.zip", process_id=jobs._process_id)
    await jobs._store.say(record.id, 0, {"imported": 7}, {})
    events = await api.events(record.id)
    assert (events[-1]["status"], events[-1]["error"]["code"], events[-1]["result"]) == (
        "interrupted",
        "interrupted",
        {"imported": 7},
    )


async def test_what_cannot_be_imported_is_refused_in_words(api: Api):
    def packed(**files: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return buffer.getvalue()

    for data, words in [
        (b"", "no conversations"),
        (b'{"a": 1}', "no conversations in conversations.json"),
        (b"\x89PNG", "no conversations"),
        (packed(**{"../x.json": b"[]"}), "points out of it"),
        (packed(bomb=b"[" + b" " * 40_000_000), "times as large unpacked"),
        (packed(**{"inner.zip": packed(x=b"")}), "archive within the archive"),
        (b"[" * 100_000, "levels deep"),
    ]:
        answer = await send(api, data, query="?dry_run=true")
        assert answer.status == 422, answer.data
        assert words in answer.error["message"], answer.error
    assert (await send(api, b"x", field="other")).status == 422
    assert (await api("POST", "import", data=b"{}")).status == 400
    assert (await api("POST", "import?folder_id=nowhere")).status == 422
    assert list((api.workspace.config.data_dir / "imports").iterdir()) == []


async def test_a_file_that_nobody_imports_is_thrown_away_also_by_the_next_server(api: Api):
    looked = await send(api, [talk(1)], query="?dry_run=true")
    folder = api.workspace.config.data_dir / "imports"
    assert len(list(folder.iterdir())) == 2  # the file and its name
    for file in folder.iterdir():
        os.utime(file, (1, 1))
    await Workspace(api.workspace.config).aclose()
    assert list(folder.iterdir()) == []
    assert (await api("POST", f"import?upload_id={looked.json['upload_id']}")).status == 404


async def test_a_file_sent_by_another_method_is_not_kept(api: Api):
    for method in ("OPTIONS", "PUT"):
        sent = await api(method, "import", data=b"--edge\r\n", headers={"Content-Type": "multipart/form-data; boundary=edge"})
        assert sent.status == (200 if method == "OPTIONS" else 405)
