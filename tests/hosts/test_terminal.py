"""The commands that talk to llmhub: in this process where they have a server, as processes for signals and without one."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmhub.agents.jobs import Job
from llmhub.hosts.cli import main, private
from llmhub.identity import LOCAL
from llmhub.workspace import Workspace
from tests.conftest import settings_for
from tests.providers.wire_server import WireServer

from .api import Api
from .test_import import talk


@dataclass
class Done:
    code: int
    out: str
    err: str


class Terminal:
    """`await terminal("ask", "Why?")`: the command in a thread of its own, with the server that is found."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    async def __call__(self, *arguments: object, given: str = "") -> Done:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with self._patch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf-8"))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            try:
                code = await asyncio.to_thread(main, list(map(str, arguments)))
            except SystemExit as exc:
                code = int(exc.code or 0)
        return Done(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]


@pytest.fixture
def terminal(api: Api, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("LLMHUB_SERVER", api.app.connection_url.replace("localhost", "127.0.0.1"))
    monkeypatch.setenv("LLMHUB_TOKEN", api.token)
    return Terminal(monkeypatch)


async def begin(*arguments: object) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llmhub", *map(str, arguments), stdin=pipe, stdout=pipe, stderr=pipe, env=dict(os.environ)
    )


async def llmhub(*arguments: object, given: str = "") -> Done:
    process = await begin(*arguments)
    out, err = await process.communicate(given.encode())
    assert b"Traceback" not in err, err.decode()
    return Done(process.returncode or 0, out.decode(), err.decode())


async def test_a_question_with_what_is_piped_in_is_answered_while_it_comes(api: Api, terminal: Terminal) -> None:
    done = await terminal("ask", "And", "why?", given="What is piped in\n")
    assert done == Done(0, "What is piped in\n\nAnd why?\n", "")
    more = await terminal("ask", "-c", "last", "--json", "Again")
    said = json.loads(more.out)
    assert (said["text"], said["status"], said["model"]) == ("Again", "complete", "lab/echo") and said["usage"]
    messages = await api.ok("GET", f"conversations/{said['conversation_id']}/messages")
    assert [message["parts"][0]["text"] for message in messages["items"]][1:] == ["What is piped in\n\nAnd why?", "Again", "Again"]


async def test_a_chat_takes_its_lines_from_a_pipe_too(terminal: Terminal) -> None:
    lines = await terminal("chat", given="One\nTwo \\\nlines\n/model lab/reasoner\n/new\n\n/exit\nnever\n")
    assert lines == Done(0, "One\nTwo \nlines\n", "")


async def test_what_goes_wrong_is_said_in_words_and_by_the_exit_code(terminal: Terminal) -> None:
    failed = await terminal("ask", "-m", "lab/e401", "x")
    assert failed.code == 1 and failed.out == "" and "key" in failed.err
    assert (await terminal("ask", "-m", "nobody/x", "x")).code == 1
    assert (await terminal("ask", "-c", "last", "-m", "lab/echo", "x")).code == 0
    assert (await terminal("ask")).err.startswith("There is no question.")
    assert (await terminal("ask", "--nonsense")).code == 2
    elsewhere = await terminal("ask", "--server", "http://127.0.0.1:1", "x")
    assert elsewhere.code == 1 and "127.0.0.1:1" in elsewhere.err


async def test_models_are_listed_for_people_and_for_programs(terminal: Terminal) -> None:
    assert (await terminal("models", "ECHO")).out.splitlines()[0].startswith("lab/echo ")
    assert any(model["id"] == "lab/echo" for model in json.loads((await terminal("models", "--json")).out))


async def test_what_was_said_is_found(terminal: Terminal) -> None:
    await terminal("ask", "pandas reads csv")
    found = await terminal("search", "csv")
    assert found.code == 0 and "pandas reads csv" in found.out
    assert json.loads((await terminal("search", "--json", "csv")).out)
    assert (await terminal("search", "nothingofthekind")).code == 1
    unknown = await terminal("search", "--json", "csv", "has:music")
    assert "has: knows image, code" in unknown.err and "music" in unknown.err and json.loads(unknown.out)


@pytest.mark.parametrize("noun", ["chat", "ask", "export", "search", "models", "config"])
def test_every_noun_says_how_it_is_used(noun: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([noun, "--help"])
    assert ended.value.code == 0 and f"usage: llmhub {noun}" in capsys.readouterr().out


async def test_an_interrupt_stops_the_answer_and_keeps_what_was_said(api: Api, wire: WireServer) -> None:
    url = api.app.connection_url.replace("localhost", "127.0.0.1")
    wire.gate().release(1)
    process = await begin("ask", "--server", f"{url}?token={api.token}", "-m", "lab/gated", "Go")
    assert process.stdin and process.stdout
    process.stdin.close()
    assert await process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 130 and b"Traceback" not in err
    (run,) = (await api.ok("GET", "runs"))["items"]
    assert run["status"] == "stopped"
    message = (await api.ok("GET", f"conversations/{run['conversation_id']}/messages"))["items"][-1]
    assert message["status"] == "stopped" and message["parts"][0]["text"]


async def test_who_reads_only_the_first_line_stops_the_answer(api: Api, wire: WireServer) -> None:
    url = api.app.connection_url.replace("localhost", "127.0.0.1")
    wire.gate().release(1)
    process = await begin("ask", "--server", f"{url}?token={api.token}", "-m", "lab/gated", "Go")
    assert process.stdin and process.stdout and process.stderr
    process.stdin.close()
    assert await process.stdout.read(1)
    process.stdout._transport.close()  # type: ignore[attr-defined]  # what `| head -1` does
    wire.gate().release(1)
    assert b"Traceback" not in await process.stderr.read()
    assert await process.wait() == 1
    (run,) = (await api.ok("GET", "runs"))["items"]
    assert run["status"] == "stopped"


async def test_where_the_disk_is_full_an_export_says_so_and_leaves_nothing(
    api: Api, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await terminal("ask", "Hi")
    opened = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, mode="r", *more: opened(Path("/dev/full"), "wb") if "x" in mode else opened(self, mode, *more)
    )
    done = await terminal("export", "--all", "-o", tmp_path / "all.zip")
    assert (done.code, done.out) == (1, "") and "all.zip cannot be written: No space left on device." in done.err
    assert list(tmp_path.glob("*.zip*")) == []
    monkeypatch.undo()
    url = api.app.connection_url.replace("localhost", "127.0.0.1")
    with open("/dev/full", "wb") as full:
        for arguments in (["export", "last"], ["models", "echo"]):
            command = [sys.executable, "-m", "llmhub", *arguments, "--server", f"{url}?token={api.token}"]
            process = await asyncio.create_subprocess_exec(*command, stdout=full, stderr=asyncio.subprocess.PIPE)
            _, err = await process.communicate()
            assert (process.returncode, err) == (1, b"The output cannot be read or written: No space left on device.\n")


PROGRESS = Job.progress


async def waits_once_something_is_here(job: Job, *said: Any, **more: Any) -> None:
    """A large import, of which nobody has to guess how long it takes."""
    await PROGRESS(job, *said, **more)
    if job.result.get("imported"):
        await asyncio.Event().wait()


async def test_an_interrupted_import_is_stopped_says_what_came_in_and_again_brings_the_rest(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, count = tmp_path / "talks.json", 2500
    export.write_text(json.dumps([talk(number) for number in range(count)]))
    url = api.app.connection_url.replace("localhost", "127.0.0.1")
    await api("GET", "config")
    jobs = api.workspace.runs.jobs
    with monkeypatch.context() as patch:
        patch.setattr(Job, "progress", waits_once_something_is_here)
        process = await begin("import", "--server", f"{url}?token={api.token}", export)
        while not any((job.result or {}).get("imported") for job in jobs.running(LOCAL)):
            assert process.returncode is None
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert process.returncode == 130 and b"Traceback" not in err
    came = len(await api.workspace.conversations.ids("local"))
    assert 0 < came < count and not jobs.running(LOCAL)
    assert (
        err.decode().strip() == f"talks.json: stopped. {came:,} conversations are here and stay; the same command brings the rest."
    )
    export.write_text(json.dumps([talk(number) for number in range(came + 3)]))
    again = await llmhub("import", "--server", f"{url}?token={api.token}", export)
    assert again == Done(0, f"talks.json: 3 new, {came:,} here already\n", "")


EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31mred\r\u202e"


async def test_nothing_that_others_wrote_does_anything_to_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    export = tmp_path / "e.json"
    empty = {"uuid": "1", "name": EVIL, "chat_messages": []}
    good = {**empty, "uuid": "2", "chat_messages": [{"uuid": "m", "sender": "human", "text": f"needle {EVIL}", "content": []}]}
    export.write_text(json.dumps([empty, good]))
    printed = [
        await terminal("import", "--dry-run", export),
        await terminal("import", "--json", export),
        await terminal("search", "needle"),
        await terminal("search", "--json", "needle"),
        await terminal("ask", "-m", f"lab/{EVIL}", "x"),
    ]
    for done in printed:
        assert not set("\x1b\x07\x9b\r") & set(done.out + done.err), done
    assert "red" in printed[0].out and json.loads(printed[3].out)[0]["title"].count("\x9b") <= 1


def test_a_server_that_was_begun_is_not_there_because_the_caller_reaches_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    port = private._free_port()
    connect, reached = socket.socket.connect_ex, list[bool]()

    def from_that_very_port(caller: socket.socket, address: tuple[str, int]) -> int:
        caller.bind(address)
        reached.append(connect(caller, address) == 0)
        return 0

    monkeypatch.setattr(socket.socket, "connect_ex", from_that_very_port)
    assert not private._is_listened_to(port) and reached == [True]


async def test_without_a_server_a_command_brings_its_own_on_the_same_data(
    wire: WireServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "llmhub.yaml"
    file.write_text(json.dumps(settings_for(wire)))
    monkeypatch.setenv("LLMHUB_CONFIG", str(file))
    assert await llmhub("ask", "First") == Done(0, "First\n", "")
    workspace = Workspace.open()
    (conversation,) = (await workspace.conversations.list("local")).items
    assert [message.role for message in (await workspace.conversations.path("local", conversation.id)).items] == [
        "user",
        "assistant",
    ]
    await workspace.aclose()
    monkeypatch.setenv("LLMHUB_SERVER", "http://127.0.0.1:1")  # one that is named is meant, and no other
    assert (await llmhub("ask", "Third")).code == 1


async def test_conversations_are_imported_once_and_what_is_wrong_is_said(terminal: Terminal, tmp_path: Path):
    export = Path(__file__).parents[1] / "conversations" / "transfer" / "fixtures" / "claude.json"
    (tmp_path / "other.txt").write_text("no export")
    looked = await terminal("import", "--dry-run", export)
    assert (looked.code, looked.out.splitlines()) == (
        0,
        ["claude.json: Claude, 3 new, 1 cannot be read", "  Nothing said: There is no message in it."],
    )
    done = await terminal("import", "--json", export, tmp_path / "other.txt")
    first, second = json.loads(done.out)
    assert (done.code, first["imported"], second["error"]["code"]) == (1, 3, "invalid")
    again = await terminal("import", export)
    assert again.out.startswith("claude.json: 3 here already, 1 cannot be read")
    assert (await terminal("import", tmp_path / "nowhere.zip")).code == 1
    folder = await terminal("import", tmp_path)
    piped = await terminal("import", "-", given=export.read_text())
    assert (piped.code, piped.out.splitlines()[0]) == (0, "-: 3 here already, 1 cannot be read")
    assert (folder.code, folder.err.splitlines()[0]) == (1, f"{tmp_path} is a folder.")
