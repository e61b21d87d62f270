"""The command `llmhub config ...`, as a process: what it prints and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from llmhub.config.file import FILE_NAME

SECRET = "sk-canary-0123456789"
GOOD = f"""\
default_model: lab/qwen3-32b
providers:
  lab:
    kind: openai
    base_url: http://me.invalid/v1?key={SECRET}
    api_key: {SECRET}
    headers: {{X-Pass: {SECRET}, X-Project: ${{PROJECT}}}}
    params: {{temperature: 0.2, extra: {SECRET}}}
    timeouts: {{idle: 5}}
  dotted.name:
    kind: openai
    headers: {{X-Pass: {SECRET}}}
models:
  lab/qwen3.5: {{params: {{temperature: 0.1, extra: {SECRET}}}}}
limits: {{body_bytes: "${{BYTES}}"}}
features:
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / FILE_NAME
    path.write_text(GOOD)
    path.chmod(0o600)
    return path


def run(*arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "llmhub", *map(str, arguments)]
    variables = {**os.environ, "PROJECT": "atlas", "BYTES": "1000000", **env}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=variables)


def test_a_file_that_is_right_is_said_to_be_and_nothing_is_made(file: Path, own_world: Path) -> None:
    done = run("config", "check", file)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{file} is in order.\n", "")
    assert not own_world.exists()


def test_every_fault_is_a_line_with_file_line_setting_and_the_nearest(file: Path) -> None:
    file.write_text(GOOD.replace("base_url", "baseurl").replace("idle: 5", "idle: soon"))
    done = run("config", "check", file)
    assert done.returncode == 1
    assert f"{file}:5: Unknown setting: `providers.lab.baseurl`. Did you mean `providers.lab.base_url`?" in done.stdout
    assert f"{file}:9: `providers.lab.timeouts.idle` is text, but it must be a number." in done.stdout
    assert "Traceback" not in done.stderr and SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("providers:\n  lab: {kind: opnai}\n", ":2: There is no kind of provider called 'opnai'."),
        ("providers:\n  aws: {kind: bedrock, options: {regoin: x}}\n", ":2: `providers.aws.options.regoin` is nothing that"),
        ("\npresets: {A: {params: {temprature: 1}}}", ":2: `presets.A.params` has no parameter `temprature`; did you mean `temp"),
        ("locked: [providrs]\n", ":1: `locked` names what is no setting: `providrs`. Did you mean `providers`?"),
        ("default_model: a/b\n\tlimits:\n", ":2: The settings cannot be used. It is not valid YAML: a tab"),
        ("models:\n  */x: {hidden: true}\n", ":2: The settings cannot be used. It is not valid YAML: a value begins with `*`"),
        (
            "aliases: {fast: lab/y]\n",
            ":1: The settings cannot be used. It is not valid YAML: expected ',' or '}', but got ']'",
        ),
        ("limits: {file_bytes: ${NOBODY_SET_THIS}}\n", ":1: `limits.file_bytes` asks for the environment variable"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(file: Path, text: str, words: str) -> None:
    file.write_text(text)
    done = run("config", "check", file)
    assert done.returncode == 1
    assert f"{file}{words}" in done.stdout


def test_without_a_name_the_file_of_a_server_started_here_is_checked(file: Path, tmp_path: Path) -> None:
    assert run("config", "check", LLMHUB_CONFIG=str(file)).stdout == f"{file} is in order.\n"
    assert run("config", "check").stdout.startswith("No llmhub.yaml was found")
    done = run("config", "check", tmp_path / "gone.yaml")
    assert done.returncode == 1 and "does not exist" in done.stdout


def test_a_model_whose_provider_nobody_configured_is_a_warning(file: Path) -> None:
    file.write_text("default_model: lap/x\nproviders:\n  lab: {kind: openai}\n")
    done = run("config", "check", file)
    assert done.returncode == 0
    assert "warning: `default_model` names 'lap/x', but no provider is called 'lap'." in done.stdout


def test_an_alias_that_is_misspelt_is_a_warning_wherever_it_stands(file: Path) -> None:
    aliases = "aliases: {fast: lab/x}\nproviders: {lab: {kind: openai}}\n"
    file.write_text(f"{aliases}roles: {{student: {{models: [fastt, fast, 'lab/*']}}}}\npresets: {{A: {{model: fsat}}}}\n")
    done = run("config", "check", file)
    assert done.stdout.count("warning") == 2
    for key, name in (("roles.student.models", "fastt"), ("presets.A.model", "fsat")):
        told = f"`{key}` names '{name}', which is neither an alias nor `provider/model`. Did you mean 'fast'?"
        assert told in done.stdout


def shown(*arguments: object, **env: str) -> dict[str, Any]:
    done = run("config", "show", "--json", *arguments, **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_value_is_shown_with_its_origin_and_no_secret_with_its_value(file: Path, tmp_path: Path, own_world: Path) -> None:
    host = tmp_path / "jupyter" / "config"
    host.mkdir(parents=True)
    (host / "jupyter_server_config.py").write_text('c.LLMHub.settings = {"features": {"voice": False}}')
    own = own_world / "settings"
    found = shown(file, LLMHUB_LIMITS__FILE_BYTES="7")
    settings = found["settings"]
    assert found["file"] == str(file) and found["data_dir"] == str(own_world) and not own.exists()
    assert settings["default_model"] == {"value": "lab/qwen3-32b", "origin": f"file {file}:1"}
    assert settings["limits.body_bytes"] == {"value": 1000000, "origin": f"file {file}:15"}
    assert settings["limits.file_bytes"] == {"value": 7, "origin": "environment LLMHUB_LIMITS__FILE_BYTES"}
    assert settings["features.voice"] == {"value": False, "origin": "host"}
    assert settings["features.compare"] == {"value": True, "origin": "default"}
    assert settings["providers.lab.params.temperature"]["value"] == 0.2
    for key in ("api_key", "headers.X-Pass", "headers.X-Project", "params.extra"):
        assert settings[f"providers.lab.{key}"]["value"] == "********", key
    assert settings["providers.dotted.name.headers.X-Pass"]["value"] == "********"
    assert settings["models.lab/qwen3.5.params.temperature"] == {"value": 0.1, "origin": f"file {file}:14"}
    assert settings["models.lab/qwen3.5.params.extra"]["value"] == "********"
    assert SECRET not in json.dumps(found)


def test_the_text_has_a_line_per_setting_and_no_secret(file: Path) -> None:
    done = run("config", "show", file)
    assert SECRET not in done.stdout + done.stderr
    lines = dict(line.split("  # ") for line in done.stdout.splitlines())
    assert {line.strip(): origin for line, origin in lines.items()}["providers.lab.timeouts.idle: 5.0"] == f"file {file}:9"


def test_the_schema_takes_what_llmhub_takes_and_names_what_it_does_not(file: Path) -> None:
    schema = json.loads(run("config", "schema").stdout)
    check = jsonschema.Draft7Validator(schema)
    check.check_schema(schema)
    assert not list(check.iter_errors(yaml.safe_load(GOOD.replace("${PROJECT}", "'${PROJECT}'"))))
    for wrong in ("providers: {lab: {}}", "provider: {}", "features: {voice: loud}", "limits: {file_bytes: 0}"):
        assert list(check.iter_errors(yaml.safe_load(wrong))), wrong


def test_what_is_no_command_ends_with_2_and_says_what_is() -> None:
    done = run("config", "chekc")
    assert done.returncode == 2 and "'check'" in done.stderr
