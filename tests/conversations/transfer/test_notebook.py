"""A conversation as a notebook: it runs, it reads, it comes back, and what somebody changed in it comes back as a branch."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from playwright.async_api import async_playwright

from llmhub.conversations.transfer import notebook
from llmhub.conversations.transfer.bundle import Bundle, Skipped
from llmhub.conversations.transfer.export import Options
from llmhub.conversations.transfer.notebook_reader import Notebook, read_notebook
from llmhub.conversations.transfer.source import Archive
from llmhub.messages import (
    TextPart,
)

from .bundles import PIXEL, bundles, said, same, talk

BOOK = Options(format="ipynb")


def book_of(bundle: Bundle, options: Options = BOOK) -> dict[str, Any]:
    return json.loads(notebook.write(bundle, options))


def sources(book: Mapping[str, Any], kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == kind]


def read(book: Mapping[str, Any]) -> Bundle:
    found = read_notebook(book, "a.ipynb")
    assert isinstance(found, Bundle), found
    return found


@pytest.mark.parametrize("changes", [{}, {"branches": "all"}, {"only": "code"}, {"prompts": "hidden"}, {"answers": "magics"}])
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(bundle=bundles())
def test_any_conversation_is_a_valid_notebook_and_comes_back_whole(changes: dict[str, Any], bundle: Bundle) -> None:
    options = replace(BOOK, **changes)
    book = book_of(bundle, options)
    nbformat.validate(book)  # type: ignore[no-untyped-call]
    found = read(book)
    same(found, replace(bundle, folder_settings=()))  # what a folder says is not for those who get a notebook
    assert {ref.id: ref.open().read() for ref in found.files} == {ref.id: ref.open().read() for ref in bundle.files}
    assert notebook.write(found, options) == notebook.write(bundle, options)


def test_prose_code_outputs_images_and_sources_are_each_what_a_notebook_has_for_them() -> None:
    book = book_of(talk())
    assert sources(book, "code") == ["x = 20", "y = x + 1", "%%bash\necho from bash", "print(y * 2)", "y + 1"]
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert code[3]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "42\n"}]
    assert code[4]["outputs"] == [{"output_type": "display_data", "data": {"text/plain": "22"}, "metadata": {}}]
    prose = sources(book, "markdown")
    assert prose[0] == "# Counting"
    assert prose[1] == "**You** · 2026-03-01 12:00 UTC\n\n> Count!\n>\n> ```python\n> raise SystemExit\n> ```"
    assert "```sql\nSELECT 1\n```" in "\n".join(prose) and "and mind that\n2. show" in "\n".join(prose)
    assert not any("<script" in each for each in prose) and any("&lt;script>" in each for each in prose)
    picture = next(cell for cell in book["cells"] if "attachments" in cell)
    ((name, data),) = picture["attachments"].items()
    assert f"(attachment:{name})" in "".join(picture["source"]) and list(data) == ["image/png"]
    assert any("[Numbers](<https://example.org/n>)" in each for each in prose)
    assert any(each.startswith("**qwen**") and "<summary>Thoughts (1 s)" in each for each in prose)


def test_what_is_asked_for_is_left_out_or_asked_again() -> None:
    told = talk()
    assert [cell["cell_type"] for cell in book_of(told, replace(BOOK, only="code"))["cells"]] == ["code"] * 5
    hidden = sources(book_of(told, replace(BOOK, prompts="hidden")), "markdown")
    assert not any("**You**" in each for each in hidden) and any("**qwen**" in each for each in hidden)
    again = book_of(told, replace(BOOK, answers="magics"))
    assert sources(again, "code") == [
        "%load_ext llmhub", "%%llm\nCount!\n\n```python\nraise SystemExit\n```", "%%llm\nAnd now?"
    ]  # fmt: skip
    both = book_of(told, replace(BOOK, branches="all"))
    assert "z = 1" not in sources(both, "code") and any("z = 1" in each for each in sources(both, "markdown"))
    assert sources(book_of(told, replace(BOOK, leaf="m2")), "code") == ["z = 1"]


@pytest.mark.parametrize(("language", "kernel"), [("r", "ir"), ("julia", "julia"), ("sql", "python3"), ("", "python3")])
def test_the_kernel_is_that_of_most_of_the_code(language: str, kernel: str) -> None:
    answer = TextPart(text=f"```{language}\na\n```\n\n```{language}\nb\n```\n\n```python\nc\n```" if language else "None")
    messages = (said(0, "user", TextPart(text="?")), said(1, "assistant", answer, parent=0))
    told = replace(talk(), messages=messages, head="m1")
    assert book_of(told)["metadata"]["kernelspec"]["name"] == kernel


def test_run_all_works_where_the_code_did_and_comes_back_with_its_outputs() -> None:
    import nbclient

    book = nbformat.reads(json.dumps(book_of(talk())), as_version=4)  # type: ignore[no-untyped-call]
    nbclient.NotebookClient(book, timeout=60).execute()
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert [cell.outputs[0].get("text", "") for cell in code[2:4]] == ["from bash\n", "42\n"]
    assert code[4].outputs[0].data["text/plain"] == "22"
    found = read(book)
    told = found.messages[-1].parts[0].text  # type: ignore[union-attr]
    assert told.startswith("The notebook of this conversation was changed. Cells: 1 run again.") and "cell 11 (qwen)" in told


async def test_nbconvert_makes_html_of_it_and_a_browser_pdf(tmp_path: Path) -> None:
    from nbconvert import HTMLExporter

    from tests.ui.visitor import launch

    body, _ = HTMLExporter().from_notebook_node(nbformat.reads(json.dumps(book_of(talk())), as_version=4))  # type: ignore[no-untyped-call]
    assert "Count!" in body and ">Numbers</a>" in body and "data:image/png;base64," in body
    (page := tmp_path / "talk.html").write_text(body)
    async with async_playwright() as playwright, await launch(playwright) as browser:  # what `--to webpdf` does with the page
        tab = await browser.new_page()
        await tab.goto(page.as_uri(), wait_until="domcontentloaded")
        printed = await tab.pdf()
    assert printed.startswith(b"%PDF-") and b"/Type /Page\n" in printed and b"(https://example.org/n)" in printed


# ---- edited by somebody


def edited(change: Any) -> tuple[Bundle, Bundle]:
    before = talk()
    book = copy.deepcopy(book_of(before))
    change(book["cells"])
    return before, read(book)


def texts(bundle: Bundle) -> list[str]:
    """The branch that is shown, as text."""
    known = {message.id: message for message in bundle.messages}
    path: list[str] = []
    at = known.get(bundle.head or "")
    while at is not None:
        path.append("".join(part.text if isinstance(part, TextPart) else f"[{part.type}]" for part in at.parts))
        at = known.get(at.parent_id or "")
    return path[::-1]


def cell_with(cells: list[dict[str, Any]], text: str) -> dict[str, Any]:
    return next(cell for cell in cells if text in "".join(cell["source"]))


def test_a_changed_cell_comes_back_as_a_branch_that_says_so() -> None:
    def change(cells: list[dict[str, Any]]) -> None:
        cell = cell_with(cells, "y = x + 1")
        cell["source"] = ["y = x + 2"]
        cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "22"}, "metadata": {}, "execution_count": 1}]

    before, after = edited(change)
    assert after.messages[: len(before.messages)] == before.messages and after.origin == before.origin
    question, answer, again, last, told = texts(after)
    assert question == texts(before)[0] and again == "And now?" and last == texts(before)[3]
    assert "```python\ny = x + 2\n```\n\n[output]" in answer and "y = x + 1" not in answer
    assert answer.startswith("[reasoning]First:") and answer.endswith("Done. <script>alert(1)</script>[output]")
    assert "1 changed" in told and "-y = x + 1\n+y = x + 2" in told
    assert read_twice(change) == [message.id for message in after.messages]


def read_twice(change: Any) -> list[str]:
    return [message.id for message in edited(change)[1].messages]


def test_added_and_removed_cells_and_changed_words_come_back_too() -> None:
    def change(cells: list[dict[str, Any]]) -> None:
        cells.remove(cell_with(cells, "SELECT 1"))
        at = cells.index(cell_with(cells, "y + 1"))
        cells.insert(at + 1, {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "I doubt it."})
        cells.insert(0, {"cell_type": "code", "id": "top", "metadata": {}, "source": "import os", "outputs": []})
        cells.append({"cell_type": "markdown", "id": "empty", "metadata": {}, "source": ""})
        asked = cell_with(cells, "And now?")
        asked["source"] = "".join(asked["source"]).replace("And now?", "And then?\n> Please.")

    _, after = edited(change)
    question, answer, again, last, told = texts(after)
    assert question.startswith("\n\n```python\nimport os\n```\n\nCount!")
    assert "SELECT 1" not in answer and "from bash" in answer and "print(y * 2)" in answer
    assert again.strip() == "And then?\nPlease."
    assert "I doubt it." in last and "It is 22." in last
    assert "1 changed, 2 added, 1 removed" in told


def test_a_notebook_of_old_format_without_ids_is_known_by_its_metadata() -> None:
    def change(cells: list[dict[str, Any]]) -> None:
        for cell in cells:
            del cell["id"]

    before, after = edited(change)
    assert after.messages == before.messages


# ---- other notebooks


def test_any_notebook_becomes_a_question_with_its_outputs() -> None:
    book = {
        "nbformat": 4, "nbformat_minor": 5, "metadata": {"language_info": {"name": "python"}},
        "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Title\n", "text"]},
            {"cell_type": "code", "id": "b", "metadata": {}, "source": "1 + 1", "execution_count": 1,
             "outputs": [{"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1}]},
        ],
    }  # fmt: skip
    found = read(book)
    (message,) = found.messages
    assert (message.role, found.title, found.origin.product) == ("user", "a", "notebook")
    assert texts(found) == ["# Title\ntext\n\n\n\n```python\n1 + 1\n```\n\n[output]"]
    assert read(book).origin == found.origin


def test_an_exported_notebook_that_lost_its_metadata_still_knows_who_said_what() -> None:
    book = book_of(talk())
    del book["metadata"]["llmhub"]
    assert [message.role for message in read(book).messages] == ["user", "assistant", "user", "assistant"]


OURS = {"format": "llmhub.notebook", "version": 1, "document": {"messages": [1]}}


@pytest.mark.parametrize(
    "book",
    [
        {},
        {"cells": 7},
        {"cells": [], "nbformat": 4},
        {"cells": [{"cell_type": 7, "source": {}}], "metadata": 3},
        {"cells": [{"cell_type": "code"}], "metadata": {"llmhub": {**OURS, "version": 9}}},
        {"cells": [{"cell_type": "code"}], "metadata": {"llmhub": OURS}},
    ],
)
def test_what_is_no_notebook_of_ours_is_skipped_or_not_recognised(book: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(book))
    (source,) = Archive(path, path.name).sources()
    if Notebook().recognises(source):
        (found,) = Notebook().read(source)
        assert isinstance(found, Skipped) and found.reason


def test_an_image_in_a_notebook_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook.write(talk(), BOOK))
    (source,) = Archive(path, path.name).sources()
    assert Notebook().recognises(source)
    (found,) = Notebook().read(source)
    assert isinstance(found, Bundle) and {ref.name: ref.open().read() for ref in found.files} == {
        "plot.png": PIXEL,
        "a.txt": b"hello",
    }
