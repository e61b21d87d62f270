"""Files that somebody made to do harm: they are refused in words, and nothing hangs, fills the memory or falls over."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.conversations.transfer import json_stream, llm_logs
from llmhub.errors import Invalid

from .archives import read

TALK = [{"uuid": "1", "name": "Good", "chat_messages": [{"uuid": "m", "sender": "human", "text": "x", "content": []}]}]
LOOK = """
import sys
from pathlib import Path
from tests.conversations.transfer.archives import read
from llmhub.errors import LLMHubError
for path in map(Path, sys.argv[1:]):
    try:
        bundles, skipped = read(path)
        print(path.name, len(bundles), *[one.reason for one in skipped])
    except LLMHubError as exc:
        print(path.name, exc.message)
"""


def test_no_number_takes_the_process_down(tmp_path: Path) -> None:
    text = json.dumps(TALK)
    for name, number in {
        "long": "9" * 100_000,
        "power": "1e99999999999999999999",
        "negative": "-1.5E+9999999",
        "wide": "9" * 90,
    }.items():
        (tmp_path / f"{name}.json").write_text(text.replace('"sender"', f'"n": {number}, "sender"'))
    paths = sorted(map(str, tmp_path.glob("*.json")))
    # In a process of its own: what this is about is one that dies without a word.
    done = subprocess.run([sys.executable, "-c", LOOK, *paths], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert said.pop("wide.json") == "1"
    assert len(said) == 3 and all("a number of more than 600 digits" in words for words in said.values()), said


@pytest.mark.parametrize("step", [1, 7, 600, 4096])
def test_impossible_numbers_are_seen_across_pieces_and_digits_in_texts_are_fine(step: int) -> None:
    class Pieces(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(step, size or 0))

    def read_all(text: str) -> object:
        return list(json_stream._items(lambda: Pieces(text.encode()), "item", "x.json", exact=True))

    digits = "1" * 700
    assert read_all(f'["{digits}", 12, "a\\\\", "\\"{digits}", {{"{digits}": 1}}, 3e5]')
    for text in (f'["a", {digits}]', f'["\\\\", {digits}]', '["a", 1e12345678]'):
        with pytest.raises(Invalid, match="digits"):
            read_all(text)


def test_a_name_that_is_twice_in_a_zip_is_told(tmp_path: Path) -> None:
    other = json.dumps(TALK).replace("Good", "Later").encode()
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("conversations.json", json.dumps(TALK))
        archive.writestr("conversations.json", other)
    [bundle], [skipped] = read(path)
    assert bundle.title == "Later" and (skipped.name, "more than once" in skipped.reason) == ("conversations.json", True)


def test_values_that_no_database_holds_lose_their_harm_not_their_conversation(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(TALK).replace("Good", "A\\ud800\\u0000b").replace('"x"', '"y\\udfff"'))
    [bundle], [] = read(path)
    assert (bundle.title, bundle.messages[0].parts[0].text) == ("A\ufffdb", "y\ufffd")  # type: ignore[union-attr]


@given(
    st.lists(st.sampled_from(["\\ud83d", "\\ude00", "\\\\", "u", "\\n", "d83d", "\\u00e9", "x"]), max_size=12), st.integers(1, 9)
)
def test_halves_of_characters_break_nothing_wherever_a_piece_ends(pieces: list[str], step: int) -> None:
    class Pieces(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(step, size or 0))

    text = f'["{"".join(pieces)}", "after"]'
    found = list(json_stream.items(lambda: Pieces(text.encode()), "item", "x.json"))
    assert found == [re.sub("[\ud800-\udfff]", "\ufffd", one) for one in json.loads(text)]


COLUMNS = "id, model, prompt, system, response, conversation_id, datetime_utc"
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS conversation_id FROM n"


@pytest.mark.parametrize(
    ("responses", "words"),
    [
        (f"CREATE VIEW responses AS {ENDLESS};", "no conversations"),
        (
            f"CREATE TABLE responses({COLUMNS}, slow AS (length(hex(zeroblob(20000000)))));"
            f"INSERT INTO responses({COLUMNS}) WITH n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000) "
            "SELECT x, 'm', 'p', '', 'r', 'c', '2025' FROM n;",
            "takes too long",
        ),
    ],
)
def test_a_database_is_no_trap(responses: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "logs.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"CREATE TABLE conversations(id, name, model); {responses}")
    before = path.read_bytes()
    monkeypatch.setattr(llm_logs, "LONGEST", 0.0)
    if words == "no conversations":
        with pytest.raises(Invalid, match=words):
            read(path)
    else:
        [], [skipped] = read(path)
        assert words in skipped.reason
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
