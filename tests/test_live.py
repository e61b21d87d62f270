"""What the panel asks a Python kernel about its variables (labextension/src/model/live/snippet.ts), run as a kernel runs it."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

LIVE = Path(__file__).parents[1] / "labextension/src/model/live"


def python_in(name: str) -> str:
    found = re.search(r"String\.raw`(.*?)`;", (LIVE / name).read_text(), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def source() -> str:
    return python_in("snippet.ts")


def ask(source: str, call: str, space: dict[str, Any]) -> Any:
    own: dict[str, Any] = {"__name__": "llmhub_look", "space": space}
    exec(f"{source}\nanswer = Answer({call})\n", own)
    return json.loads(own["answer"]._repr_mimebundle_()["text/plain"])


def test_variables_are_listed_without_modules_functions_and_what_is_private(source: str):
    space = {"df": pd.DataFrame({"a": [1, 2]}), "np": np, "ask": ask, "_1": 3, "In": [], "rate": 0.25, "rows": [1, 2, 3]}
    listed = ask(source, "names(space)", space)
    assert listed == [
        {"name": "rows", "type": "list", "size": "3"},
        {"name": "rate", "type": "float", "size": "0.25"},
        {"name": "df", "type": "pandas.DataFrame", "size": "2 × 1"},
    ]


@pytest.mark.parametrize("library", [pd, pl])
def test_a_table_says_its_columns_what_is_missing_its_figures_and_first_rows(source: str, library: Any):
    table = library.DataFrame({"paid": [1.0, None, 3.0], "who": ["a", "b", "a"]})
    said = ask(source, "look(space, 't')", {"t": table})
    paid, who = said["columns"]
    assert (said["rows"], said["width"], said["sample"]) == (3, 2, None)
    assert (paid["name"], paid["missing"], paid["stats"]["min"], paid["stats"]["mean"]) == ("paid", 1, "1", "2")
    assert (who["stats"]["distinct"], who["stats"]["common"][0]) == ("2", "a")
    assert said["head"][0] == ["1", "a"] and len(said["head"]) == 3


def test_a_large_table_is_sampled_not_read(source: str):
    # 2 GB of zeros, which take no memory before somebody reads or copies them.
    frame = pd.DataFrame(np.zeros((20, 12_500_000)).T, copy=False)
    begun = time.process_time()
    said = ask(source, "look(space, 'frame')", {"frame": frame})
    assert time.process_time() - begun < 3  # 0.03 s
    assert said["rows"] == 12_500_000 and said["sample"] == 10_000
    assert said["columns"][3]["stats"]["mean"] == "0"


def test_whatever_it_is_it_can_be_looked_at_or_says_why_not(source: str):
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("not now")

    space = {
        "broken": Broken(),
        "array": np.array([[1.0, np.nan], [3.0, 4.0]]),
        "text": "x" * 100_000,
        "odd": pd.DataFrame([[[1], {2}]], columns=["a", "a"]),
        "empty": pd.DataFrame(),
        "nested": {"a": [1, {"b": 2}]},
    }
    said = {name: ask(source, f"look(space, {name!r})", space) for name in space}
    assert "RuntimeError: not now" in said["broken"]["text"]
    assert "NaN: 1" in said["array"]["text"] and said["array"]["size"] == "2 × 2 float64"
    assert len(said["text"]["text"]) == 20_000
    assert said["odd"]["head"] == [["[1]", "{2}"]]
    assert said["empty"]["rows"] == 0
    assert said["nested"]["text"] == "a: list [1, {'b': 2}]"
    assert ask(source, "look(space, 'gone')", space) == {"problem": "gone"}


def fail(code: str, monkeypatch: pytest.MonkeyPatch, without: tuple[str, ...] = (), **space: Any) -> Any:
    """A cell that fails, and what is said of it."""
    names = {"__name__": "__main__", **space}
    try:
        exec(compile(code, "/tmp/ipykernel_1/2.py", "exec"), names)
    except Exception as error:
        monkeypatch.setattr(sys, "last_value", error, raising=False)
        monkeypatch.setattr(sys, "last_traceback", error.__traceback__, raising=False)
        call = f"failed({type(error).__name__!r}, {f'the key is {KEY}'!r}, {list(without)!r})"
        return ask(python_in("snippet.ts") + python_in("failing.ts"), call, names)
    pytest.fail("the cell did not fail")


KEY = "sk-0123456789abcdef"
SALES = pd.DataFrame({"town": ["Ulm", "Bonn"], "paid": ["12", "n/a"], "email": ["a@b.example", "c@d.example"]})


def test_a_failure_says_what_the_names_stood_for_in_the_function_and_in_the_cell(monkeypatch: pytest.MonkeyPatch):
    code = "def share(part, whole):\n    half = part / 2\n    return half / whole\nshare(rate, 0)"
    said = fail(code, monkeypatch, rate=0.5, api_key="never", np=np)
    assert said["values"] == ["part (float): 0.5", "whole (int): 0", "half (float): 0.25", "rate (float): 0.5"]
    assert said["row"] is None


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("for index, row in sales.iterrows():\n    int(row.paid)", "row: row 1: town=Bonn, paid=n/a"),
        ("sales.apply(lambda line: float(line.paid), axis=1)", "line: row 1: town=Bonn, paid=n/a"),
        ("for one in sales.itertuples():\n    int(one.paid)", "one: Index=1, town=Bonn, paid=n/a"),
        ("sales.paid.astype(float)", "sales: row 1: town=Bonn, paid=n/a"),
        ("pd.to_numeric(sales.paid)", "sales: row 1: town=Bonn, paid=n/a"),
    ],
)
def test_a_failure_names_the_row_at_which_it_happened_without_what_stays(code: str, row: str, monkeypatch: pytest.MonkeyPatch):
    said = fail(code, monkeypatch, without=("email",), sales=SALES, pd=pd)
    assert said["row"] == row
    assert "example" not in json.dumps(said) and "email" not in said["row"]


def test_keys_of_the_environment_leave_the_kernel_in_no_traceback(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LAB_API_KEY", KEY)
    said = fail("note = 'it is ' + secret_holder\n1 / 0", monkeypatch, secret_holder=KEY)
    assert KEY not in json.dumps(said) and said["traceback"] == "the key is ***" and "note (str): it is ***" in said["values"]
