"""`load_config`: the layers, their order, and the words for everything that can be wrong with them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmhub import Config, load_config
from llmhub.errors import ConfigError

SECRET = "sk-very-secret-0123456789"
Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """`load("yaml text", env={...})` in a place of its own."""

    def load(text: str | None = None, *, env: dict[str, str] | None = None, **kwargs: Any) -> Config:
        if text is not None:
            (tmp_path / "llmhub.yaml").write_text(text)
            (tmp_path / "llmhub.yaml").chmod(0o600)
        return load_config(env={"LLMHUB_DATA_DIR": str(tmp_path / "data"), **(env or {})}, search=[tmp_path], **kwargs)

    return load


CONTRACT = """\
default_model: lab/qwen3-32b
providers:
  lab:                       # any name; its models are lab/<model>
    kind: openai             # a wire: openai, anthropic, gemini, ollama, ...
    base_url: http://10.0.0.5:8000/v1
    api_key: ${LAB_KEY}      # literal, ${ENV}, or absent: then the user's own key is asked for
    models: [qwen3-32b]      # absent: asked from the endpoint, else the known catalogue
    headers: {X-Project: ${PROJECT}}
    params: {temperature: 0.2}
    drop_params: [stop]
features: {voice: false, compare: true}
"""


def test_the_contracts_example_is_read_to_the_letter(load: Load) -> None:
    config = load(CONTRACT, env={"LAB_KEY": SECRET, "PROJECT": "atlas"})
    lab = config.settings.providers["lab"]
    assert config.settings.default_model == "lab/qwen3-32b"
    assert (lab.kind, lab.base_url, lab.models) == ("openai", "http://10.0.0.5:8000/v1", ("qwen3-32b",))
    assert lab.api_key is not None and lab.api_key.get_secret_value() == SECRET
    assert (lab.headers, lab.params, lab.drop_params) == ({"X-Project": "atlas"}, {"temperature": 0.2}, ("stop",))
    assert not config.settings.features.voice and config.settings.features.compare
    assert config.warnings == ()


def test_without_any_file_the_defaults_hold(load: Load) -> None:
    config = load()
    assert config.settings.providers == {} and config.settings.default_model is None
    assert config.source("limits.body_bytes") == "default"
    assert [server.label for server in config.settings.local_servers][:2] == ["Ollama", "LM Studio"]


def test_each_layer_beats_the_one_below_and_says_so(load: Load, tmp_path: Path) -> None:
    text = "default_model: a/file\nfallback_models: [a/b]\nproviders:\n  lab: {kind: openai, label: file, models: [x, y, z]}\n"
    config = load(
        text,
        env={
            "LLMHUB_DEFAULT_MODEL": "a/env",
            "LLMHUB_PROVIDERS__LAB__LABEL": "env",
            "LLMHUB_PROVIDERS__LAB__BASE_URL": "http://env",
        },
        host_settings={"default_model": "a/host", "providers": {"lab": {"label": "host"}}},
        user_settings={"default_model": "a/user", "providers": {"lab": {"models": ["x"]}}},
    )
    lab = config.settings.providers["lab"]
    assert config.settings.default_model == "a/user"
    assert (lab.label, lab.base_url, lab.models, lab.kind) == ("host", "http://env", ("x",), "openai")
    assert config.source("default_model") == "user"
    assert config.source("fallback_models") == f"file {tmp_path / 'llmhub.yaml'}:2"
    assert config.source("providers.lab.label") == "host"
    assert config.source("providers.lab.base_url") == "environment LLMHUB_PROVIDERS__LAB__BASE_URL"
    assert config.source("providers.lab.models") == "user"
    assert config.source("providers.lab.kind") == f"file {tmp_path / 'llmhub.yaml'}:4"


def test_what_is_locked_stays_as_the_file_has_it_and_the_user_is_told(load: Load) -> None:
    text = (
        "default_model: lab/a\nproviders:\n  lab: {kind: openai}\n  free: {kind: openai}\nlocked: [default_model, providers.lab]\n"
    )
    user = {"default_model": "x/y", "providers": {"lab": {"base_url": "http://elsewhere"}, "free": {"label": "mine"}}}
    config = load(text, user_settings=user)
    assert config.settings.default_model == "lab/a"
    assert config.settings.providers["lab"].base_url is None
    assert config.settings.providers["free"].label == "mine"
    assert (
        config.is_locked("providers.lab.base_url")
        and config.is_locked("providers")
        and not config.is_locked("providers.free.label")
    )
    assert len(config.warnings) == 2 and all("locked" in warning for warning in config.warnings)


def test_a_lock_binds_the_user_but_not_the_environment_or_the_host(load: Load) -> None:
    config = load(
        "default_model: a/a\nlocked: [default_model]\n", env={"LLMHUB_DEFAULT_MODEL": "b/b"}, user_settings={"default_model": "c/c"}
    )
    assert config.settings.default_model == "b/b"


@pytest.mark.parametrize("named", ["My-Lab", "my_lab", "MY.LAB"])
def test_a_variable_finds_the_files_provider_whatever_its_case(load: Load, named: str) -> None:
    config = load(f"providers:\n  {named}: {{kind: openai}}\n", env={"LLMHUB_PROVIDERS__MY_LAB__API_KEY": SECRET})
    key = config.settings.providers[named].api_key
    assert key is not None and key.get_secret_value() == SECRET
    assert list(config.settings.providers) == [named]


def test_variables_are_read_as_the_type_that_the_setting_has(load: Load) -> None:
    config = load(
        "providers: {lab: {kind: openai}}",
        env={
            "LLMHUB_FEATURES__VOICE": "false",
            "LLMHUB_LIMITS__BODY_BYTES": "1000",
            "LLMHUB_FALLBACK_MODELS": "a/b, c/d",
            "LLMHUB_PROVIDERS__LAB__MODELS": '["one", "two"]',
            "LLMHUB_PROVIDERS__LAB__PARAMS__TEMPERATURE": "0.5",
            "LLMHUB_PROVIDERS__LAB__LABEL": "5",
            "LLMHUB_PROVIDERS__LAB__TIMEOUTS__IDLE": "7",
            "LLMHUB_PROVIDERS__NEW": '{"kind": "ollama"}',
            "LLMHUB_DEFAULT_MODEL": "",
        },
    )
    lab = config.settings.providers["lab"]
    assert not config.settings.features.voice and config.settings.limits.body_bytes == 1000
    assert config.settings.fallback_models == ("a/b", "c/d") and lab.models == ("one", "two")
    assert (lab.params, lab.label, lab.timeouts.idle) == ({"temperature": 0.5}, "5", 7)
    assert config.settings.providers["new"].kind == "ollama" and config.settings.default_model is None


def test_a_variable_that_is_no_setting_warns_but_a_misspelt_section_member_is_an_error(load: Load) -> None:
    config = load(env={"LLMHUB_PORT": "tcp://10.0.0.1:80", "LLMHUB_SERVICE_HOST": "10.0.0.1"})
    assert len(config.warnings) == 2
    with pytest.raises(ConfigError, match=r"LLMHUB_FEATURES__VIOCE.*`features\.voice`"):
        load(env={"LLMHUB_FEATURES__VIOCE": "true"})


# ---- ${NAME}


def test_a_key_whose_variable_is_missing_is_absent_with_a_warning(load: Load, tmp_path: Path) -> None:
    config = load("providers:\n  lab:\n    kind: openai\n    api_key: ${LAB_KEY}\n")
    assert config.settings.providers["lab"].api_key is None
    assert len(config.warnings) == 1 and "LAB_KEY" in config.warnings[0] and f"{tmp_path}/llmhub.yaml, line 4" in config.warnings[0]


def test_no_warning_of_a_missing_key_that_another_layer_gives(load: Load) -> None:
    config = load("providers: {lab: {kind: openai, api_key: ${LAB_KEY}}}", env={"LLMHUB_PROVIDERS__LAB__API_KEY": SECRET})
    assert config.warnings == ()


def test_any_other_missing_variable_is_an_error_that_says_where_it_was_asked_for(load: Load) -> None:
    with pytest.raises(ConfigError) as caught:
        load("providers:\n  lab:\n    kind: openai\n    headers: {X-Project: ${PROJECT}}\n")
    assert "PROJECT" in caught.value.message and "providers.lab.headers.X-Project" in caught.value.message
    assert caught.value.details["line"] == 4 and "PROJECT" in caught.value.hint


def test_two_dollars_escape_a_variable(load: Load) -> None:
    assert load("providers: {lab: {kind: openai, label: a $${X} b}}").settings.providers["lab"].label == "a ${X} b"


@pytest.mark.parametrize("text", ["${}", "${A B}", "${A-x}", "x ${A"])
def test_what_is_no_name_of_a_variable_is_said(load: Load, text: str) -> None:
    with pytest.raises(ConfigError, match="name of a variable"):
        load(f'providers: {{lab: {{kind: openai, label: "{text}"}}}}')


# ---- what can be wrong with a file


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("default_modle: x\n", 1, ["`default_modle`", "Did you mean `default_model`?"]),
        ("providers:\n  lab:\n    kind: openai\n    base_ulr: x\n", 4, ["`providers.lab.base_ulr`", "`providers.lab.base_url`"]),
        ("\napi_key: x\n", 2, ["`api_key`", "`providers.<name>.api_key`"]),
        ("zzzz: x\n", 1, ["`zzzz`"]),
        ("providers:\n  lab:\n    label: x\n", 2, ["`providers.lab.kind` is missing"]),
        ("providers:\n  lab:\n    kind: 5\n", 3, ["text", "a number"]),
        ("providers:\n  lab:\n    kind: openai\n    models: gpt\n", 4, ["a list"]),
        ("providers:\n  lab:\n    kind: openai\n    models: [a, 4]\n", 4, ["providers.lab.models.1", "text"]),
        ("providers: [a]\n", 1, ["`key: value` lines", "a list"]),
        ("limits:\n  body_bytes: many\n", 2, ["a whole number"]),
        ("limits:\n  body_bytes: 0\n", 2, ["greater than 0"]),
        ("features:\n  voice: perhaps\n", 2, ["true or false"]),
        ("providers:\n  lab:\n    kind: openai\n    timeouts: {idle: .inf}\n", 4, ["a number"]),
        ("providers:\n  lab:\n    kind: openai\n    base_url: 10.0.0.5:8000\n", 4, ["https://"]),
        ("providers:\n  a/b:\n    kind: openai\n", 1, ["a/b", "slash"]),
        ("locked: [features.vioce]\n", 1, ["`features.vioce`", "`features.voice`"]),
        ("a: 1\na: 2\n", 2, ["twice", "line 1"]),
        ("- a\n- b\n", 1, ["`key: value`"]),
        ("just words\n", 1, ["`key: value`"]),
        ("a: [1, 2\nb: 3\n", 2, ["not valid YAML", "column"]),
        ("a:\n\tb: 1\n", 2, ["tab"]),
        ("a: !!python/object/apply:os.system [x]\n", 1, ["tag"]),
        ("a: &a\n  b: *a\n", 1, ["contains itself"]),
        ("? [a, b]\n: c\n", 1, ["no name"]),
        ("a: 1\n---\nb: 2\n", 2, ["not valid YAML"]),
        ("local_servers:\n  - {name: x, kind: openai, base_url: 'http://10.0.0.5/v1', label: X}\n", 2, ["this machine"]),
    ],
)
def test_a_fault_in_the_file_names_the_setting_the_file_and_the_line(
    load: Load, tmp_path: Path, text: str, line: int, words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text)
    error = caught.value
    assert str(tmp_path / "llmhub.yaml") in error.message and f"line {line}" in error.message
    assert error.details["line"] == line and error.hint
    for word in words:
        assert word in error.message


def test_several_faults_are_told_together(load: Load) -> None:
    with pytest.raises(ConfigError) as caught:
        load("featurs: {}\nproviders:\n  lab: {kind: openai, labl: x}\n")
    assert [error["line"] for error in caught.value.details["errors"]] == [1, 3]


def test_aliases_that_multiply_are_refused_at_once(load: Load) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]" for before, after in zip("abcdefgh", "bcdefghi", strict=True)]
    with pytest.raises(ConfigError, match="far too many values"):
        load("\n".join(lines))


def test_brackets_without_end_are_refused_in_words(load: Load) -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        load("[" * 20_000)


def test_merge_keys_and_empty_sections_mean_what_people_think(load: Load) -> None:
    config = load("providers:\n  a: &base {kind: openai, label: A}\n  b:\n    <<: *base\n    label: B\nfeatures:\nlimits:\n")
    assert config.settings.providers["b"].kind == "openai" and config.settings.providers["b"].label == "B"
    assert config.settings.features.voice


def test_words_that_yaml_takes_for_booleans_can_be_names(load: Load) -> None:
    assert list(load("providers:\n  no: {kind: openai}\n  5: {kind: openai}\n").settings.providers) == ["no", "5"]


@pytest.mark.parametrize(
    "text",
    [
        f"providers:\n  lab:\n    kind: openai\n    api_key: [{SECRET}]\n",
        f"providers:\n  lab:\n    kind: openai\n    api_key: {{{SECRET}: 1}}\n",
        f"providers:\n  lab:\n    kind: openai\n    api_key: {SECRET} and more\n",
        f"providers:\n  lab:\n    kind: openai\n    api_key: *{SECRET}\n",
        f"providers:\n  lab:\n    kind: openai\n    api_key: !{SECRET} x\n",
        f"providers:\n  lab:\n    kind: openai\n    api_key: '{SECRET}\n",
        f"providers:\n  lab:\n    kind: openai\n    api_key: {SECRET}: x\n",
        f"providers:\n  lab:\n    kind: openai\n    base_url: https://me:{SECRET}@host/v1\n",
        f"database_url: [{SECRET}]\n",
        f"limits: {{body_bytes: {SECRET}}}\n",
    ],
)
def test_no_message_shows_a_key(load: Load, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text)
    chain: BaseException | None = caught.value
    while chain is not None:
        # an unknown mapping key has to be named; it is the one thing that a key must not be
        assert SECRET not in str(chain) or f"{{{SECRET}" in text
        chain = None if chain.__suppress_context__ else chain.__context__
    assert SECRET not in str({k: v for k, v in caught.value.details.items() if k not in ("key", "errors")})


def test_a_key_in_the_config_is_hidden_when_it_is_printed(load: Load) -> None:
    config = load(CONTRACT, env={"LAB_KEY": SECRET, "PROJECT": "x"})
    assert SECRET not in repr(config) and SECRET not in config.settings.model_dump_json()
    assert SECRET not in str(config.sources)


def test_a_file_that_llmhub_config_names_but_is_not_there_is_said(load: Load, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist") as caught:
        load(env={"LLMHUB_CONFIG": str(tmp_path / "gone.yaml")})
    assert "LLMHUB_CONFIG" in caught.value.hint
    with pytest.raises(ConfigError, match="is a folder"):
        load(env={"LLMHUB_CONFIG": str(tmp_path)})


def test_the_file_that_llmhub_config_names_beats_the_search(load: Load, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("default_model: a/other\n")
    assert load("default_model: a/found\n", env={"LLMHUB_CONFIG": str(tmp_path / "other.yaml")}).settings.default_model == "a/other"


def test_jupyters_config_path_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    (tmp_path / "llmhub.yaml").write_text("default_model: a/b\n")
    assert load_config(env={"LLMHUB_DATA_DIR": str(tmp_path / "data")}).settings.default_model == "a/b"


@pytest.mark.parametrize(
    ("data", "words"), [(b"a: \xff\n", "not UTF-8"), (b"a: \x00\n", "does not allow"), (b" " * 1_100_000, "larger than")]
)
def test_a_file_that_is_no_text_is_refused(load: Load, tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "llmhub.yaml").write_bytes(data)
    with pytest.raises(ConfigError, match=words):
        load()


def test_a_byte_order_mark_and_an_empty_file_are_fine(load: Load, tmp_path: Path) -> None:
    (tmp_path / "llmhub.yaml").write_bytes(b"\xef\xbb\xbfdefault_model: a/b\n")
    assert load().settings.default_model == "a/b"
    assert load("# nothing yet\n").settings.default_model is None


def test_a_literal_key_that_others_can_read_is_warned_of(load: Load, tmp_path: Path) -> None:
    text = f"providers: {{lab: {{kind: openai, api_key: {SECRET}}}}}\n"
    assert load(text).warnings == ()
    (tmp_path / "llmhub.yaml").chmod(0o644)
    (warning,) = load().warnings
    assert "chmod 600" in warning and SECRET not in warning


def test_a_file_with_the_wrong_ending_is_pointed_out(load: Load, tmp_path: Path) -> None:
    (tmp_path / "llmhub.yml").write_text("default_model: a/b\n")
    config = load()
    assert config.settings.default_model is None and "llmhub.yml" in config.warnings[0]


# ---- what the user and the host may set


@pytest.mark.parametrize("values", [{"features": {"voice": False}}, {"providers": {"a": {"kind": "openai", "api_key": SECRET}}}])
def test_a_users_settings_hold_no_keys_and_nothing_of_the_administrators(load: Load, values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="Your own settings cannot hold") as caught:
        load(user_settings=values)
    assert SECRET not in caught.value.message


def test_host_settings_are_checked_with_their_own_words(load: Load) -> None:
    with pytest.raises(ConfigError, match=r"c\.LLMHub\.settings.*default_model"):
        load(host_settings={"default_modell": "x"})
    with pytest.raises(ConfigError, match="no text"):
        load(host_settings={"providers": {5: {}}})


# ---- the data directory


def test_the_data_directory_is_made_private(load: Load, tmp_path: Path) -> None:
    config = load(env={"LLMHUB_DATA_DIR": str(tmp_path / "deep" / "er")})
    assert config.data_dir == tmp_path / "deep" / "er"
    assert stat.S_IMODE(config.data_dir.stat().st_mode) == 0o700


def test_the_data_directory_is_jupyters_by_default_and_tilde_is_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    assert load_config(env={}, search=[]).data_dir == tmp_path / "jupyter" / "llmhub"
    assert load_config(env={"LLMHUB_DATA_DIR": "~/mine"}, search=[]).data_dir == tmp_path / "mine"


def test_a_data_directory_that_cannot_be_one_is_said(load: Load, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match="is not a directory") as caught:
            load(env={"LLMHUB_DATA_DIR": str(path)})
        assert "LLMHUB_DATA_DIR" in caught.value.hint


def test_a_data_directory_that_cannot_be_written_is_said(load: Load) -> None:
    # /proc refuses writers of every rank, also root, for whom permissions mean nothing
    folder = "/proc" if os.path.isdir("/proc/self") else "/System"
    with pytest.raises(ConfigError, match=r"cannot be (made|written)"):
        load(env={"LLMHUB_DATA_DIR": folder})


# ---- anything at all

ALPHABET = st.sampled_from(
    [*list("ab:-[]{}'\"#&*!|>%@`,?~ \n\t${}0.1e_\\\x85é"), "providers:\n", "  lab: ", "${A}", "<<: *a\n", "- ", "null", "\ufdd0"]
)


@given(st.lists(ALPHABET, max_size=40).map("".join))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_file_holds_it_is_settings_or_words(load: Load, text: str) -> None:
    try:
        load(text)
    except ConfigError as error:
        assert error.message and error.hint


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["providers", "lab", "kind", "locked", "features", "models", "params", "x", ""]), inner, max_size=4
            )
        ),
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_host_gives_it_is_settings_or_words(load: Load, value: Any) -> None:
    try:
        load(host_settings=value if isinstance(value, dict) else {"providers": value})
    except ConfigError as error:
        assert error.message and error.hint


@given(st.dictionaries(st.text("ABPROVIDES_LK", max_size=20).map(lambda name: f"LLMHUB_{name}"), st.text(max_size=12)))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_environment_holds_it_is_settings_or_words(load: Load, env: dict[str, str]) -> None:
    try:
        load(env=env)
    except ConfigError as error:
        assert error.message and error.hint
