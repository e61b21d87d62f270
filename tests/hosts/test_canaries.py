"""No key leaves: they are planted wherever one can stand; llmhub is used, troubled, killed; all it wrote and sent is searched."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import signal
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from llmhub.hosts.server.routes import TABLE
from llmhub.ids import new_id
from tests.providers.clouds import ENTRA_SECRET
from tests.providers.wire_server import WireServer
from tests.servers import TOKEN, JupyterProcess

from .test_cli import run as llmhub
from .test_terminal import Terminal

PLACES = (
    *("file", "environment", "variable", "header", "header_variable", "param", "bucket_id", "bucket", "bucket_option"),
    *("entered", "entered_bad", "field", "form", "malformed", "wrong_line", "database", "other", "entra_form"),
    *("address", "elsewhere"),
)
KEYS = {place: f"sk-canary-{place.replace('_', '-')}-0123456789abcdef" for place in PLACES}
KEYS |= {"entra": ENTRA_SECRET, "entra_token": "entra-canary-token"}


def file_text(wire: WireServer, **more: Any) -> str:
    address = wire.base_url("openai")
    providers = {
        "filed": {"kind": "openai", "base_url": address, "api_key": KEYS["file"], "params": {"user": KEYS["param"]}},
        "variable": {"kind": "openai", "base_url": address, "api_key": "${LAB_KEY}"},
        "headed": {
            "kind": "openai",
            "base_url": address,
            "headers": {"X-Api-Key": KEYS["header"], "Authorization": "Bearer ${HEADER_KEY}", "X-User": "{user}"},
        },
        "signs": {
            "kind": "azure",
            "base_url": wire.url,
            "options": {"tenant_id": "our.tenant", "client_id": "our-app", "authority": wire.url},
            "credentials": {"client_secret": KEYS["entra"]},
        },
        "mine": {"kind": "anthropic", "base_url": wire.base_url("anthropic")},
    }
    place = {"url": "s3://nowhere/x", "endpoint_url": "http://127.0.0.1:1", "region": "eu-central-1"}
    place |= {"access_key": KEYS["bucket_id"], "secret_key": KEYS["bucket"]}
    options = {"config_kwargs": {"user_agent_extra": KEYS["bucket_option"], "retries": {"max_attempts": 0}}}
    storage = {"attachments": {**place, "options": options}}
    return json.dumps({"default_model": "filed/echo", "providers": providers, "storage": storage, "local_servers": [], **more})


class Spy:
    """A client that keeps all that comes back."""

    def __init__(self, server: JupyterProcess, wire: WireServer) -> None:
        self.server = server
        self.wire = wire
        self.heard: list[tuple[str, bytes]] = []

    async def __call__(self, method: str, path: str, body: Any = None, *, data: bytes | None = None) -> tuple[int, bytes]:
        sent = {"json": body} if body is not None else {"data": data}
        async with self.server.session.request(method, path, **sent) as answer:
            text = await answer.read()
            self.heard.append((f"{method} {path}", repr(answer.headers).encode() + text))
            return answer.status, text

    async def ask(self, model: str) -> tuple[str, str]:
        """A question, its events, its exchange and its message."""
        conversation = json.loads((await self("POST", "conversations", {}))[1])["id"]
        body = {"client_request_id": new_id(), "message": {"parts": [{"type": "text", "text": "Hi"}]}, "model": model}
        run = json.loads((await self("POST", f"conversations/{conversation}/runs", body))[1])["run_id"]
        for path in (f"runs/{run}/events", f"runs/{run}", f"runs/{run}/exchange", f"conversations/{conversation}/messages"):
            await self("GET", path)
        for format in ("json", "ipynb", "md", "html"):
            await self("GET", f"conversations/{conversation}/export?format={format}")
        return conversation, run


async def export_all(spy: Spy) -> None:
    """All of it as a zip, its files unpacked: compressed no search would find a key."""
    for format in ("json", "ipynb", "md", "html"):
        status, data = await spy("GET", f"export?format={format}")
        assert status == 200
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            spy.heard += [(f"{format}: {name}", packed.read(name)) for name in packed.namelist()]


async def bring_back(spy: Spy, conversation: str) -> None:
    """A conversation out, looked at and in again, as a job; and found by the index."""
    exported = (await spy("GET", f"conversations/{conversation}/export?format=json"))[1]
    form = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n' + exported + b"\r\n--edge--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    async with spy.server.session.post("import?dry_run=true", data=form, headers=headers) as answer:
        assert answer.status == 200
        spy.heard.append(("a look at an import", await answer.read()))
        looked = await answer.json()
    job = json.loads((await spy("POST", f"import?upload_id={looked['upload_id']}"))[1])["run_id"]
    for path in (f"runs/{job}/events", f"runs/{job}", "search?q=canary", "search?q=sk"):
        assert (await spy("GET", path))[0] == 200


async def use(spy: Spy) -> None:
    """Everything that works, and much that does not."""
    for name, place in (("mine", "entered"), ("anthropic", "entered_bad")):
        assert (await spy("PUT", f"providers/{name}/key", {"api_key": KEYS[place]}))[0] == 204
    await spy("PUT", "providers/cloud", {"kind": "azure", "base_url": "http://127.0.0.1:1", "options": {"deployment": "gpt"}})
    await spy("PUT", "providers/cloud/key", {"api_key": KEYS["field"]})
    await spy("PUT", "providers/mine/key", data=json.dumps({"api_key": KEYS["malformed"], "more": 1}).encode())
    await spy("PUT", "providers/mine/key", data=b'{"api_key": "' + KEYS["malformed"].encode())
    await spy("PUT", "providers/mine/key", {"api_key": KEYS["malformed"] + "\n bad"})
    for name in ("filed", "variable", "headed", "mine"):
        for model in ("echo", "echo-key", *(("e401", "malformed-json", "cut-midstream") if name == "headed" else ())):
            await spy.ask(f"{name}/{model}")
        await spy("POST", f"providers/{name}/test", {})
    await spy.ask("signs/echo")
    await spy("POST", "providers/signs/test", {})
    signing = {"kind": "azure", "base_url": spy.wire.url, "credentials": {"client_secret": KEYS["entra_form"]}}
    signing["options"] = {"tenant_id": "our.tenant", "client_id": "our-app", "authority": spy.wire.url}
    await spy("POST", "providers/cloud/test", signing)
    await bring_back(spy, (await spy.ask("filed/echo-key"))[0])
    await export_all(spy)
    await spy("POST", "providers/filed/test", {"api_key": KEYS["form"], "base_url": "http://127.0.0.1:1/v1"})
    await spy("POST", "files", data=b"x")  # the bucket does not answer
    door = {"model": "filed/echo-key", "messages": [{"role": "user", "content": "Hi"}]}
    for path, body in (("chat/completions", door), ("messages", {**door, "max_tokens": 9}), ("models", None)):
        await spy("POST" if body else "GET", f"{spy.server.url}llmhub/v1/{path}", body)
    for path, _ in TABLE:
        if "{" not in path and path != "stream":
            await spy("GET", path)


async def at_the_terminal(terminal: Terminal, server: JupyterProcess, folder: Path) -> list[tuple[str, bytes]]:
    """Every command that talks to a server, with what it can be told and what goes wrong; gives what they printed and wrote."""
    here = ("--server", f"{server.url}?token={TOKEN}")
    broken = folder / "broken.json"
    broken.write_text("no export")
    told: list[tuple[str, bytes]] = []

    async def run(*arguments: str, given: str = "", to: tuple[str, ...] = here, code: int = 0) -> None:
        done = await terminal(*arguments, *to, given=given)
        assert done.code == code, (arguments, done)
        told.append((f"llmhub {' '.join(arguments)}", f"{done.out}{done.err}".encode()))

    await run("ask", "Hi")
    await run("ask", "--json", "--thoughts", "-c", "last", "-m", "headed/echo", "Hi")
    for model in ("filed/echo-key", "headed/echo-key", "signs/e401", "variable/malformed-json", "mine/missing-x"):
        await run("ask", "-m", model, "Hi", code=1)
        await run("ask", "--json", "-m", model, "Hi", code=1)
    await run("chat", given="Hi\n/model filed/echo-key\nHi\n/help\n", code=1)
    await run("search", "Hi")
    await run("search", "--json", "Hi")
    await run("search", "canary", code=1)
    await run("models", "--all")
    await run("models", "--all", "--json")
    for format in ("json", "ipynb", "md", "html"):
        await run("export", "last", "-F", format)
    await run("export", "last", "-o", str(folder / "talk.json"))
    await run("export", "--all", "-o", str(folder / "all.zip"))
    with zipfile.ZipFile(folder / "all.zip") as packed:
        told += [(f"all.zip: {name}", packed.read(name)) for name in packed.namelist()]
    for more in ((), ("--json",), ("--dry-run",), ("--dry-run", "--json")):
        await run("import", *more, str(folder / "talk.json"))
        await run("import", *more, str(broken), code=1)
    for noun in (("ask", "Hi"), ("search", "Hi"), ("models",), ("import", str(broken)), ("export", "last")):
        await run(*noun, to=("--server", f"http://127.0.0.1:1/?token={KEYS['address']}"), code=1)
        await run(*noun, to=("--server", f"{server.url}?token={KEYS['elsewhere']}"), code=1)  # one that lets nobody in
    return told


def shapes(key: str) -> list[bytes]:
    """A key as it may have been written."""
    plain = key.encode()
    return [plain, base64.b64encode(plain)[:-4], quote(key, safe="").encode(), plain[::-1], plain.hex().encode()]


def found_in(what: str, data: bytes) -> list[str]:
    return [f"{place} in {what}" for place, key in KEYS.items() if any(shape in data for shape in shapes(key))]


async def test_no_key_is_in_anything_that_llmhub_writes_or_sends(
    tmp_path: Path, wire: WireServer, own_world: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "llmhub.yaml"
    file.write_text(file_text(wire))
    file.chmod(0o600)
    config = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.json"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(json.dumps({"ServerApp": {"log_level": "DEBUG"}}))
    secret = {
        "LLMHUB_CONFIG": str(file),
        "OPENAI_API_KEY": KEYS["environment"],
        "LAB_KEY": KEYS["variable"],
        "HEADER_KEY": KEYS["header_variable"],
        "PYTHONFAULTHANDLER": "1",
    }
    async with JupyterProcess({}, environment={**os.environ, **secret}) as server:
        spy = Spy(server, wire)
        await use(spy)
        spy.heard += await at_the_terminal(Terminal(monkeypatch), server, tmp_path)
        sent = {record.key for record in wire.requests} | {value for record in wire.requests for value in record.headers.values()}
        for place in ("file", "variable", "header", "entered"):
            assert KEYS[place] in sent, place  # the search would find them: they were used
        assert f"Bearer {KEYS['header_variable']}" in sent
        signed_in = {record.body["client_secret"] for record in wire.requests if record.wire == "entra"}
        assert {KEYS["entra"], KEYS["entra_form"]} <= signed_in
        assert any(key.startswith(KEYS["entra_token"]) for key in sent)
        await spy.ask("mine/echo")
        file.write_text(file.read_text().replace('"eu-central-1"', json.dumps([KEYS["wrong_line"]])))
        await spy("GET", "config")  # broken now
        assert b"storage.attachments.region" in spy.heard[-1][1]
        started = json.loads((await spy("POST", "conversations", {}))[1])["id"]
        body = {"client_request_id": "1", "message": {"parts": [{"type": "text", "text": "Hi"}]}, "model": "filed/slow"}
        run = json.loads((await spy("POST", f"conversations/{started}/runs", body))[1])["run_id"]
        async with server.session.get(f"runs/{run}/events") as events:
            for _ in range(8):  # pieces of the answer, so that the first of them are in the journal
                await events.content.readuntil(b"text.delta")
        await server._end(signal.SIGABRT)  # dumps its stacks
        assert "Fatal Python error" in "".join(server.log)
        journals = [path.read_bytes() for path in (own_world / "journal").rglob("*") if path.is_file()]
        assert any(journals)
        file.write_text(file_text(wire))
        await server.start()
        await spy("GET", f"conversations/{started}/messages")
        database = f"postgresql+psycopg://llmhub:{KEYS['database']}@127.0.0.1:1/llmhub?connect_timeout=2"
        file.write_text(file_text(wire, database_url=database))
        assert b"restart_needed" in (await spy("GET", "config"))[1]
        await server.stop()
        await server.start()
        assert (await spy("GET", "conversations"))[0] == 503
        await spy("GET", "config")
        await spy("POST", "conversations", {})
        told = [llmhub("config", verb, file, **secret) for verb in ("show", "check")]
        file.write_text(file_text(wire, database_url=database.replace("postgresql+psycopg", "mysqll")))
        told.append(llmhub("config", "check", file, **secret))
        log = "".join(server.log)

    file.write_text(file_text(wire))
    told += [llmhub("config", verb, *more, file, **secret) for verb, more in (("show", []), ("show", ["--json"]), ("check", []))]
    file.write_text(file_text(wire).replace('"default_model": "filed/echo"', json.dumps({"limits": KEYS["wrong_line"]})[1:-1]))
    told.append(llmhub("config", "check", file, **secret))
    assert told[-1].returncode == 1
    assert found_in("the file", file.read_bytes())  # the search finds what is there
    file.unlink()

    found = found_in("the log", log.encode()) + found_in("the journal", b"".join(journals))
    for what, data in spy.heard:
        found += found_in(what, data)
    for each in told:
        found += found_in(f"{each.args}", (each.stdout + each.stderr).encode())
    written = [path for path in await asyncio.to_thread(lambda: list(tmp_path.rglob("*"))) if path.is_file()]
    assert {"llmhub.db", "keys.json", "settings.json"} <= {path.name for path in written}, written
    for path in written:
        found += found_in(str(path), path.read_bytes())
    assert not found, "\n".join(sorted(set(found)))


async def test_two_people_of_one_configuration_use_and_see_only_their_own_keys(tmp_path: Path, wire: WireServer):
    providers = {"lab": {"kind": "openai", "base_url": wire.base_url("openai")}}
    settings = {"providers": providers, "local_servers": []}
    people = {"ada": KEYS["entered"], "bob": KEYS["other"]}
    async with (
        JupyterProcess(settings, data_dir=tmp_path / "ada") as ada,
        JupyterProcess(settings, data_dir=tmp_path / "bob") as bob,
    ):
        spies = {"ada": Spy(ada, wire), "bob": Spy(bob, wire)}
        assert (await spies["ada"]("PUT", "providers/lab/key", {"api_key": people["ada"]}))[0] == 204
        (lab,) = [each for each in json.loads((await spies["bob"]("GET", "providers"))[1])["items"] if each["name"] == "lab"]
        assert not lab["has_key"] and not lab["own_key"]
        await spies["bob"].ask("lab/echo")
        assert not {record.key for record in wire.requests} & set(people.values())
        assert (await spies["bob"]("PUT", "providers/lab/key", {"api_key": people["bob"]}))[0] == 204
        for name, spy in spies.items():
            wire.forget()
            await spy.ask("lab/echo-key")
            assert {record.key for record in wire.requests} == {people[name]}
        assert (await spies["ada"]("DELETE", "keys"))[0] == 204
        assert b'"own_key":true' in (await spies["bob"]("GET", "providers"))[1].replace(b" ", b"")
        logs = ["".join(server.log).encode() for server in (ada, bob)]
    found = [found_in(what, data) for spy in spies.values() for what, data in spy.heard] + [found_in("a log", log) for log in logs]
    for path in await asyncio.to_thread(lambda: list(filter(Path.is_file, tmp_path.rglob("*")))):
        found.append(found_in(str(path), path.read_bytes()))
    assert not any(found), found


async def test_keys_of_one_provider_and_all_keys_can_be_revoked(wire: WireServer):
    addresses = {name: {"kind": "openai", "base_url": wire.base_url("openai")} for name in ("one", "two")}
    async with JupyterProcess({"providers": addresses, "local_servers": []}) as server:
        spy = Spy(server, wire)

        async def with_keys() -> list[str]:
            return [each["name"] for each in json.loads((await spy("GET", "providers"))[1])["items"] if each["own_key"]]

        for name in (*addresses, "anthropic"):
            assert (await spy("PUT", f"providers/{name}/key", {"api_key": KEYS["entered"]}))[0] == 204
        assert await with_keys() == ["one", "two", "anthropic"]
        assert (await spy("DELETE", "providers/one/key"))[0] == 204
        assert await with_keys() == ["two", "anthropic"]
        assert (await spy("DELETE", "keys"))[0] == 204
        assert await with_keys() == []
        wire.forget()
        await spy.ask("two/echo")
        assert KEYS["entered"] not in {record.key for record in wire.requests}
