"""A user's own settings: a file of theirs that is never lost and never half written."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from llmhub import load_config
from llmhub.config.user import UserSettings
from llmhub.errors import AccessDenied, ConfigError, Invalid
from llmhub.identity import LOCAL, Principal


def test_what_is_patched_is_there_the_next_time(tmp_path: Path) -> None:
    settings = UserSettings.of(tmp_path)
    assert settings.load() == {}
    settings.patch({"default_model": "lab/a", "providers": {"lab": {"kind": "openai", "base_url": "http://127.0.0.1:1/v1"}}})
    settings.patch({"providers": {"lab": {"label": "Lab", "base_url": None}, "other": {"kind": "ollama"}}})
    expected = {"default_model": "lab/a", "providers": {"lab": {"kind": "openai", "label": "Lab"}, "other": {"kind": "ollama"}}}
    assert UserSettings.of(tmp_path).load() == expected
    assert stat.S_IMODE(settings.path.stat().st_mode) == 0o600
    assert settings.patch({"default_model": None, "providers": {"other": None}}) == {
        "providers": {"lab": expected["providers"]["lab"]}
    }


def test_of_a_section_whose_last_setting_went_nothing_is_theirs(tmp_path: Path) -> None:
    settings = UserSettings.of(tmp_path)
    settings.patch({"limits": {"usd_per_day": 1}})
    assert settings.patch({"limits": {"usd_per_day": None}}) == {}


def test_principals_have_files_of_their_own_whatever_their_names(tmp_path: Path) -> None:
    names = ["ada", "ADA", "ada/../bob", "../../etc/passwd", "", "ä" * 300, "a_b", "a b"]
    for name in names:
        UserSettings.of(tmp_path, Principal(name)).patch({"default_model": f"x/{name}"})
    assert [UserSettings.of(tmp_path, Principal(name)).load()["default_model"] for name in names] == [f"x/{name}" for name in names]
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "settings"}
    assert UserSettings.of(tmp_path, LOCAL).path == tmp_path / "settings.json"


@pytest.mark.parametrize("content", ["{", "[]", "", '{"features": {}}', '{"providers": {"a": {"api_key": "k"}}}', "[" * 100_000])
def test_a_file_that_cannot_be_used_is_kept_aside_and_said_once(tmp_path: Path, content: str) -> None:
    settings = UserSettings.of(tmp_path)
    settings.path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        settings.load()
    aside = Path(caught.value.details["moved_to"])
    assert aside.name in caught.value.message and aside.read_text() == content
    assert settings.load() == {}


@pytest.mark.parametrize("changes", [{"nonsense": 1}, {"providers": {"a": {"kind": "openai", "api_key": "k"}}}])
def test_what_is_no_setting_of_a_user_is_refused_and_nothing_changes(tmp_path: Path, changes: dict[str, Any]) -> None:
    settings = UserSettings.of(tmp_path)
    settings.patch({"default_model": "a/b"})
    with pytest.raises(Invalid):
        settings.patch(changes)
    assert settings.load() == {"default_model": "a/b"}


def test_what_is_locked_is_refused_with_its_lock(tmp_path: Path) -> None:
    settings = UserSettings.of(tmp_path, locked=["providers.lab"])
    with pytest.raises(AccessDenied, match=r"providers\.lab"):
        settings.patch({"providers": {"lab": {"base_url": "http://x"}}})
    with pytest.raises(AccessDenied):
        settings.patch({"providers": None})
    settings.patch({"providers": {"mine": {"kind": "ollama"}}})


def test_what_does_not_fit_the_other_layers_is_refused_before_it_is_written(tmp_path: Path) -> None:
    def check(values: Any) -> object:
        return load_config(env={"LLMHUB_DATA_DIR": str(tmp_path)}, search=[], user_settings=values)

    settings = UserSettings.of(tmp_path, check=check)
    with pytest.raises(Invalid, match=r"providers\.lab\.kind"):
        settings.patch({"providers": {"lab": {"label": "no kind"}}})
    assert settings.load() == {}


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    def write(i: int) -> None:
        UserSettings.of(tmp_path).patch({"providers": {f"p{i}": {"kind": "openai"}}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert len(json.loads((tmp_path / "settings.json").read_bytes())["providers"]) == 40
