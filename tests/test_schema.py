"""The shapes that cross the wire, as the panel knows them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from llmhub.hosts.schema import ANSWERS, REQUESTS, wire_schema

LABEXTENSION = Path(__file__).parent.parent / "labextension"
TYPESCRIPT = (LABEXTENSION / "src/api/schema.ts").read_text()
DEFINITIONS = wire_schema()["$defs"]


def _declared() -> set[str]:
    return set(re.findall(r"^export (?:interface|type) (\w+)", TYPESCRIPT, re.M))


def _fields(name: str) -> dict[str, bool]:
    """Field → whether it is required, of a TypeScript interface."""
    body = re.search(rf"^export interface {name} \{{\n(.*?)^\}}", TYPESCRIPT, re.M | re.S)
    assert body is not None, f"{name} is not in schema.ts; run `jlpm gen` in labextension/"
    return {field: mark == "" for field, mark in re.findall(r"^  (\w+)(\??):", body[1], re.M)}


def test_the_panel_has_every_wire_type_and_no_other():
    assert _declared() == set(DEFINITIONS), "run `jlpm gen` in labextension/"
    assert set(ANSWERS) | set(REQUESTS) <= _declared()


@pytest.mark.parametrize("name", [name for name, schema in DEFINITIONS.items() if "properties" in schema])
def test_the_panel_has_each_field_as_the_server_writes_it(name: str):
    schema = DEFINITIONS[name]
    expected = {field: field in schema.get("required", ()) for field in schema["properties"]}
    assert _fields(name) == expected, "run `jlpm gen` in labextension/"


@pytest.mark.parametrize("union", ["Part", "RunEvent"])
def test_the_panel_knows_every_member_of_a_union(union: str):
    members = {reference["$ref"].rsplit("/", 1)[-1] for reference in DEFINITIONS[union]["oneOf"]}
    declared = re.search(rf"^export type {union} =(.*?);", TYPESCRIPT, re.M | re.S)
    assert declared is not None
    assert set(re.findall(r"\w+", declared[1])) == members


def test_generating_again_changes_nothing():
    """Only where the panel's tools are installed; the tests above hold everywhere."""
    node = shutil.which("node")
    if node is None or not (LABEXTENSION / "node_modules/json-schema-to-typescript").exists():
        return
    made = subprocess.run(
        [node, "scripts/gen-schema.mjs", "--stdout"],
        cwd=LABEXTENSION,
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout == TYPESCRIPT
