"""The key ring: where a key comes from, where it is kept, and that it is kept well."""

from __future__ import annotations

import asyncio
import logging
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keyring
import pytest

from llmhub import load_config
from llmhub.errors import ConfigError, Conflict, Invalid
from llmhub.identity import LOCAL, Principal
from llmhub.providers.key_file import SECRET_NAME
from llmhub.providers.keys import KeyRing, KeySource
from llmhub.providers.os_keyring import OSKeyring, find_real_backend

KEY = "sk-entered-0123456789abcdef"
VARIABLES = {"openai": ("OPENAI_API_KEY",), "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "ollama": ()}
Open = Callable[..., KeyRing]


class Backend:
    """A system key ring in memory. `hold` keeps its calls from returning until it is set."""

    def __init__(self, *, keeps: bool = True, fault: Exception | None = None) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.hold = threading.Event()
        self.hold.set()
        self.asked = 0
        self._keeps = keeps
        self._fault = fault

    def _work(self) -> None:
        self.asked += 1
        self.hold.wait()
        if self._fault is not None:
            raise self._fault

    def get_password(self, service: str, username: str) -> str | None:
        self._work()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._work()
        if self._keeps:
            self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._work()
        del self.entries[service, username]


@pytest.fixture
def ring(tmp_path: Path) -> Open:
    """`ring("yaml", env={...}, backend=Backend())`: a key ring over the same files each time."""

    def open_ring(
        text: str = "",
        *,
        env: dict[str, str] | None = None,
        backend: Backend | None = None,
        principal: Principal = LOCAL,
        **kwargs: Any,
    ) -> KeyRing:
        (tmp_path / "llmhub.yaml").write_text(text)
        config = load_config(env={"LLMHUB_DATA_DIR": str(tmp_path / "data"), **(env or {})}, search=[tmp_path])
        system = OSKeyring(principal.id, find=lambda: backend, **kwargs)
        (tmp_path / "secrets").mkdir(exist_ok=True)
        return KeyRing(config, principal=principal, variables=VARIABLES, secret_dir=tmp_path / "secrets", os_keyring=system)

    return open_ring


# ---- where a key comes from


async def test_the_configuration_beats_the_environment_which_beats_what_was_entered(ring: Open) -> None:
    text = "providers: {openai: {kind: openai, api_key: ${MINE}}}"
    await ring().set("openai", KEY)
    full = ring(text, env={"MINE": "from-config", "OPENAI_API_KEY": "from-variable"})
    assert await full.get("openai") == "from-config"
    source = await full.source("openai")
    assert source is not None and source.where == "config" and source.name.endswith("llmhub.yaml:1")

    without = ring(text, env={"OPENAI_API_KEY": " from-variable\n"})
    assert await without.get("openai") == "from-variable"
    assert await without.source("openai") == KeySource("environment", "OPENAI_API_KEY")

    assert (await ring(text).get("openai"), await ring(text).source("openai")) == (KEY, KeySource("file"))
    assert (await ring(text).get("other"), await ring(text).source("other")) == (None, None)


async def test_llmhubs_own_variable_is_named_as_the_source(ring: Open) -> None:
    keys = ring("providers: {lab: {kind: openai}}", env={"LLMHUB_PROVIDERS__LAB__API_KEY": "x"})
    assert await keys.source("lab") == KeySource("environment", "LLMHUB_PROVIDERS__LAB__API_KEY")


async def test_the_first_of_a_kinds_variables_counts(ring: Open) -> None:
    keys = ring(env={"GOOGLE_API_KEY": "second", "GEMINI_API_KEY": "first"})
    assert await keys.get("gemini") == "first"
    assert await ring(env={"GOOGLE_API_KEY": "second", "GEMINI_API_KEY": " "}).get("gemini") == "second"


async def test_a_kinds_variable_is_never_used_for_an_address_of_its_own(ring: Open) -> None:
    keys = ring("providers: {lab: {kind: openai, base_url: 'http://10.0.0.5/v1'}}", env={"OPENAI_API_KEY": "precious"})
    assert await keys.get("lab") is None
    assert await ring("providers: {lab: {kind: openai}}", env={"OPENAI_API_KEY": "precious"}).get("lab") == "precious"


async def test_a_variable_that_holds_no_key_is_named(ring: Open) -> None:
    with pytest.raises(Invalid, match="OPENAI_API_KEY") as caught:
        await ring(env={"OPENAI_API_KEY": "two words"}).get("openai")
    assert "two words" not in caught.value.message


# ---- what may be entered


@pytest.mark.parametrize("key", ["", "  \n", "two words", "a\nb", "schlüssel", "\u200bsk-1", "a\x00b", "x" * 20_000])
async def test_what_cannot_be_a_key_is_refused_without_being_shown(ring: Open, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        await ring().set("openai", key)
    assert "openai" in caught.value.message and (len(key.strip()) < 3 or key not in caught.value.message)


async def test_blanks_around_a_key_are_taken_off(ring: Open) -> None:
    await ring().set("openai", f"  {KEY}\r\n")
    assert await ring().get("openai") == KEY


async def test_a_key_that_would_never_be_used_is_refused_with_the_reason(ring: Open) -> None:
    with pytest.raises(Conflict, match="OPENAI_API_KEY"):
        await ring(env={"OPENAI_API_KEY": "x"}).set("openai", KEY)


# ---- in a file


async def test_the_file_is_private_and_shows_no_key(ring: Open, tmp_path: Path) -> None:
    assert await ring().set("openai", KEY) == KeySource("file")
    for path in [*(tmp_path / "data").rglob("*"), *(tmp_path / "secrets").iterdir()]:
        assert KEY.encode() not in path.read_bytes()
    for path in (tmp_path / "data" / "keys.json", tmp_path / "secrets" / SECRET_NAME):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not (tmp_path / "data" / SECRET_NAME).exists()


async def test_a_key_entered_in_one_server_is_seen_by_another(ring: Open) -> None:
    one, other = ring(), ring()
    assert await other.get("openai") is None
    await one.set("openai", KEY)
    assert await other.get("openai") == KEY
    await other.delete("openai")
    assert await one.get("openai") is None


async def test_keys_of_one_principal_are_not_anothers(ring: Open) -> None:
    await ring(principal=Principal("ada")).set("openai", KEY)
    assert await ring(principal=Principal("bob")).get("openai") is None
    assert await ring().get("openai") is None


async def test_deleting_forgets_one_or_all(ring: Open, tmp_path: Path) -> None:
    keys = ring()
    await keys.delete("openai")
    for provider in ("openai", "gemini", "lab"):
        await keys.set(provider, KEY)
    await keys.delete("lab")
    assert [await keys.get(name) for name in ("openai", "gemini", "lab")] == [KEY, KEY, None]
    await keys.delete_all()
    assert await keys.get("openai") is None and await keys.get("gemini") is None


async def test_many_keys_at_once_are_all_kept(ring: Open) -> None:
    keys = [ring(), ring()]
    await asyncio.gather(*(keys[i % 2].set(f"p{i}", f"key-{i}") for i in range(20)))
    assert [await ring().get(f"p{i}") for i in range(20)] == [f"key-{i}" for i in range(20)]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 2}', '{"keys": {"openai": "no token"}}', '{"keys": {"openai": ""}}']
)
async def test_a_file_that_cannot_be_used_is_kept_aside_and_said_once(ring: Open, tmp_path: Path, content: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "keys.json").write_text(content)
    with pytest.raises(ConfigError) as caught:
        await ring().get("openai")
    (aside,) = (tmp_path / "data").glob("keys.json.broken-*")
    assert caught.value.details["moved_to"] == str(aside) and aside.read_text() == content
    assert "again" in caught.value.hint
    assert await ring().get("openai") is None


async def test_keys_from_another_machine_are_said_to_be_so(ring: Open, tmp_path: Path) -> None:
    await ring().set("openai", KEY)
    (tmp_path / "secrets" / SECRET_NAME).unlink()
    with pytest.raises(ConfigError, match="another machine"):
        await ring().get("openai")
    await ring().set("openai", KEY)
    assert await ring().get("openai") == KEY


# ---- in the system's key ring


async def test_a_real_key_ring_is_preferred_and_nothing_of_the_key_is_in_the_file(ring: Open, tmp_path: Path) -> None:
    backend = Backend()
    assert await ring(backend=backend).set("openai", KEY) == KeySource("keyring")
    assert backend.entries == {("llmhub", "local/openai"): KEY}
    assert not (tmp_path / "secrets" / SECRET_NAME).exists()
    again = ring(backend=backend)
    assert (await again.get("openai"), await again.source("openai")) == (KEY, KeySource("keyring"))
    await again.delete_all()
    assert backend.entries == {} and await again.get("openai") is None


async def test_a_key_ring_is_not_asked_for_what_was_never_put_there(ring: Open) -> None:
    backend = Backend()
    assert await ring(backend=backend).get("openai") is None
    assert backend.asked == 0


@pytest.mark.parametrize("backend", [Backend(keeps=False), Backend(fault=RuntimeError(KEY))], ids=["forgets", "fails"])
async def test_a_key_ring_that_does_not_keep_or_fails_gives_way_to_the_file(
    ring: Open, backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert await ring(backend=backend).set("openai", KEY) == KeySource("file")
    assert await ring().get("openai") == KEY
    assert KEY not in caplog.text


async def test_a_key_ring_that_hangs_is_left_alone_until_it_answers(ring: Open) -> None:
    backend = Backend()
    keys = ring(backend=backend, seconds=0.05)
    await ring(backend=backend).set("openai", KEY)
    backend.hold.clear()
    asked = backend.asked
    assert await keys.get("openai") is None
    assert await keys.get("openai") is None
    assert backend.asked == asked + 1, "no second call stands behind one that hangs"
    backend.hold.set()
    for thread in threading.enumerate():
        if thread.name == "llmhub-keyring":
            await asyncio.to_thread(thread.join)
    assert await ring(backend=backend).get("openai") == KEY


async def test_many_who_ask_at_once_are_all_answered(ring: Open) -> None:
    backend = Backend()
    keys = ring(backend=backend)
    for provider in ("a", "b", "c"):
        await keys.set(provider, KEY)
    fresh = ring(backend=backend)
    assert await asyncio.gather(*(fresh.get(provider) for provider in ("a", "b", "c"))) == [KEY] * 3


async def test_deleting_a_key_that_is_out_of_reach_says_so_and_keeps_the_note(ring: Open) -> None:
    backend = Backend()
    await ring(backend=backend).set("openai", KEY)
    with pytest.raises(Conflict, match="key ring"):
        await ring().delete("openai")
    assert await ring(backend=backend).get("openai") == KEY


@pytest.mark.parametrize("name", ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring"])
def test_key_rings_that_keep_nothing_are_no_key_rings(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: keyring.core.load_keyring(name))
    assert find_real_backend({"DISPLAY": ":0"}) is None


def test_without_a_screen_linux_has_no_key_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("keyring.get_keyring", lambda: pytest.fail("a key ring was looked for"))
    assert find_real_backend({}) is None
