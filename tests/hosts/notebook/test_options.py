"""Options of `%%llm` in a real kernel: what is sent, what is shown, what comes into variables and cells."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path

from llmhub.hosts.notebook.formats import FORMATS
from tests.providers.wire_server import WireServer

from .kernel import Kernel, Ran


def asked(models: WireServer, at: int = -1) -> str:
    """The last thing that the user said, as it went over the wire."""
    content = models.requests[at].body["messages"][-1]["content"]
    return content if isinstance(content, str) else json.dumps(content)


def test_code_goes_into_the_next_cell(kernel: Kernel, models: WireServer) -> None:
    models.lines["Write it"] = "Here:\n```python\nx = 41 + 1\n```\nDone.\n```bash\nls\n```"
    models.lines["Write it\n\nAnswer"] = ""
    ran = kernel.run("%%llm lab/replay -f code -c none\nx")
    assert ran.status == "error", "replay's body is no answer, and says so"
    ran = kernel.run("%%llm lab/says-y_=_42 -f code -c none\nWrite it")
    assert [(each["source"], each["text"], each["replace"]) for each in ran.payload] == [("set_next_input", "y_=_42", False)]
    assert "Answer with Python code" in asked(models)
    ran = kernel.run("%%llm lab/says-y_=_42 -f code --run -c none\nWrite it")
    assert ran.payload[0]["text"] == "y_=_42" and "Nobody can be asked" in ran.outputs[-1]["data"]["text/markdown"]
    assert kernel.run("y_").ename == "NameError", "nothing was run"
    ran = kernel.run("%%llm lab/says-y_=_42 -f code --run -c none\nWrite it", says="n")
    assert ran.payload and kernel.run("y_").ename == "NameError", "they said no: it is in the next cell"
    ran = kernel.run("_=0\nget_ipython().run_cell_magic('llm', 'lab/says-y_=7 -f code --run -c none', 'Write it')", says="yes")
    assert ran.status == "ok" and not ran.payload and kernel.value("y_") == 7, "they said yes"


def test_a_cell_whose_code_is_run_and_fails_has_failed(kernel: Kernel, models: WireServer) -> None:
    ran = kernel.run("%%llm lab/says-nowhere -f code --run -c none -o kept\nWrite it", says="y")
    assert ran.status == "error", "what runs cells in a row stops here"
    assert ran.error.startswith("The code failed: NameError: name 'nowhere' is not defined")
    assert kernel.value("kept.text") == "nowhere"
    kernel.run("%llm fix -m lab/says-yes -c none")
    assert "The cell:\n```python\nnowhere\n```" in asked(models) and "The code failed" not in asked(models)


def test_values_and_cells_go_along(kernel: Kernel, models: WireServer) -> None:
    kernel.run("rows = [{'a': 1}]\nlen(rows)")
    kernel.run("%%llm -c none --context last\nWhat is {{ rows }} in {this}?")
    assert 'What is [{"a": 1}] in {this}?' in asked(models)
    assert "rows = [{'a': 1}]" in asked(models) and "Out [" in asked(models)
    ran = kernel.run("%%llm -c none\nWhat is {{ rowz }}?")
    assert "the name 'rowz' is not defined" in ran.error and "Did you mean rows" in ran.error


def test_cells_go_along_as_they_were_written_with_all_that_they_gave(kernel: Kernel, models: WireServer) -> None:
    kernel.run("here = %pwd\nfrom IPython.display import SVG, Pretty\nprint('printed ' * 2)\ndisplay(Pretty('displayed'))")
    kernel.run("display(SVG('<svg></svg>'))\n{}['lost']")
    kernel.run("%%llm -c none --context 2\nWhat now?")
    said = asked(models)
    assert "here = %pwd" in said and "get_ipython" not in said
    assert "Printed:\n```\nprinted printed\n```" in said and "Shown:\n```\ndisplayed\n```" in said
    assert "Shown:\n```\n(an image)\n```\nIt failed:\n```\nKeyError: 'lost'\n```" in said, said
    kernel.run("%llm explain -c none")
    assert "KeyError: 'lost'" in asked(models) and "printed" not in asked(models)


def test_a_schema_gives_an_object_after_one_repair_at_most(kernel: Kernel, models: WireServer) -> None:
    kernel.run("from pydantic import BaseModel\nclass City(BaseModel):\n    name: str\n    size: int")
    kernel.run('%%llm "lab/says-{\\"name\\":\\"Bern\\",\\"size\\":4}" -c none --schema City -o city -q\nWhich?')
    assert kernel.value("[type(city.value).__name__, city.value.size]") == ["City", 4]
    assert models.requests[-1].body["response_format"]["type"] == "json_schema"
    models.forget()
    ran = kernel.run('%%llm "lab/says-{\\"name\\":1}" -c none --schema City -o city\nWhich?')
    assert len(models.requests) == 2 and "size: Field required" in asked(models)
    assert "The answer is not as it was asked for" in ran.error and ran.markdown == '{"name":1}'
    assert kernel.value("[city.value, city.text]") == [None, '{"name":1}']
    ran = kernel.run("%%llm --schema 3\nWhich?")
    assert "--schema 3 is a int, which has no schema" in ran.error
    assert "--schema gone.json: there is no such file" in kernel.run("%%llm --schema gone.json\nWhich?").error
    assert "--schema Gone: the name 'Gone' is not defined" in kernel.run("%%llm --schema Gone\nWhich?").error


def test_a_dry_run_sends_nothing_and_says_what_would_be(kernel: Kernel, models: WireServer) -> None:
    ran = kernel.run("n = 7\n")
    ran = kernel.run("%%llm lab/echo -t 0.5 --dry-run\nIs {{ n }} prime?")
    assert not models.asked("echo") and ran.status == "ok"
    assert "Is 7 prime?" in ran.markdown and "`lab/echo`" in ran.markdown and "tokens" in ran.markdown
    ran = kernel.run("%%llm -c none nowhere/x --dry-run\nHello")
    assert ran.error.startswith("There is no model 'nowhere/x'.") and not models.asked("x")
    kernel.run("def size(city: str) -> int:\n    'Inhabitants.'\nopen('long.txt', 'w').write('word ' * 8000)")
    ran = kernel.run("%%llm -c none --dry-run --tools size --attach long.txt -s 'Be brief.'\nHow large?")
    assert "functions that may be called: `size(city)`" in ran.markdown and "```text\nBe brief.\n```" in ran.markdown
    assert "about 10,0" in ran.markdown, "the file's tokens, and those of the function"


def test_a_dry_run_in_a_cell_that_asked_before_counts_what_stood_before_it(kernel: Kernel, models: WireServer) -> None:
    kernel.run("%%llm -c counted\n" + "first " * 400, cell="counted 1")
    kernel.run("%%llm -c counted\nsecond", cell="counted 2")
    assert "tokens: 0 of the conversation so far" in kernel.run("%%llm -c counted --dry-run\nx", cell="counted 1").markdown
    assert "tokens: 0 of the conversation so far" not in kernel.run("%%llm -c counted --dry-run\nx", cell="counted 2").markdown


def test_images_and_files_go_along(kernel: Kernel, models: WireServer, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("the notes")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nabc")
    kernel.run(f"%%llm lab/vision -c none --image {tmp_path}/a.png --attach {tmp_path}/notes.txt\nLook")
    said = asked(models)
    assert "data:image/png;base64,iVBORw0KGgphYmM=" in said and "the notes" in said
    assert "there is no such file" in kernel.run("%%llm --attach gone.txt\nLook").error
    assert "is no image" in kernel.run("%%llm --image len\nLook").error
    assert kernel.run("%%llm --image gone\nLook").error.startswith("--image gone: the name 'gone' is not defined.")
    assert kernel.run("%%llm -o class\nLook").error.startswith("`class` is no name of a variable")


def test_figures_of_matplotlib_and_pictures_of_pil_go_along(kernel: Kernel, models: WireServer) -> None:
    kernel.run("import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\nfrom PIL import Image")
    kernel.run("fig, ax = plt.subplots(figsize=(1, 1))\nax.plot([1, 2])\nred = Image.new('RGB', (3, 2), 'red')")
    kernel.run("two = plt.subplots(1, 2, figsize=(1, 1))[1]")
    assert kernel.run("%%llm lab/vision -c none\nLook at {{ two }}").markdown.startswith("I see 1: image/png")
    ran = kernel.run("%%llm lab/vision -c none --image red --image ax\nLook at {{ fig }} and {{ red.resize((6, 4)) }}")
    assert ran.markdown.startswith("I see 4: image/png of "), ran
    parts = models.asked("vision")[-1].body["messages"][-1]["content"]
    pictures = [base64.b64decode(part["image_url"]["url"].partition(",")[2]) for part in parts if part["type"] == "image_url"]
    sizes = [struct.unpack(">II", picture[16:24]) for picture in pictures]
    assert sizes.count((3, 2)) == sizes.count((6, 4)) == 1 and sizes[0] == sizes[3]


def test_html_and_markdown_of_a_model_run_nothing(kernel: Kernel, models: WireServer) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    ran = kernel.run(f"%%llm lab/echo -c none\n{evil} ![a](https://evil.test/?q=1)")
    assert "<script" not in ran.markdown and "<img" not in ran.markdown and "![a]" not in ran.markdown
    ran = kernel.run(f"%%llm lab/echo -f html -c none\n{evil}")
    shown = ran.outputs[0]["data"]["text/html"]
    assert 'sandbox=""' in shown and "<script" not in shown and "default-src" in shown


def test_the_last_error_is_fixed_in_the_next_cell(kernel: Kernel, models: WireServer) -> None:
    kernel.run("def mean(numbers):\n    token = 'hush'\n    return sum(numbers) / len(numbers)\nmean([])")
    ran = kernel.run("%llm -m lab/says-```python\\nx=1\\n``` -c none fix please")
    said = asked(models)
    assert "ZeroDivisionError" in said and "return sum(numbers)" in said and "numbers (list): []" in said
    assert "hush" not in said.partition("What the names")[2]
    assert "interactiveshell.py" not in said and "ipykernel" not in said and "In a cell, line 4" in said
    assert ran.status == "ok"
    kernel.run("%llm fix -m lab/says-yes -c none it is the divisor")
    assert asked(models).startswith("Something went wrong") and "block. it is the divisor\n" in asked(models)


def test_what_is_fixed_is_the_persons_own_error_and_not_a_question_that_failed(kernel: Kernel, models: WireServer) -> None:
    kernel.run("wanted = 1\nwanted / 0")
    assert kernel.run("%llm -m nowhere/x fix").ename == "ModelNotFound"
    assert kernel.run("%llm --nonsense fix").ename == "Invalid"

    def seen(ran: Ran) -> None:
        if ran.streams["stdout"] and not ran.ename:
            kernel.interrupt()

    ran = kernel.run("%%llm\n{{ print('now') or __import__('time').sleep(60) }}", seen=seen)
    assert (ran.status, ran.traceback) == ("error", ""), "stopped before it was sent"
    kernel.run("%llm fix -c none")
    assert "wanted / 0" in asked(models) and "wanted (int): 1" in asked(models) and "llmhub" not in asked(models)
    kernel.run("here = %pwd\ndef broken(:\n    pass")
    kernel.run("%llm fix -c none")
    assert "```python\nhere = %pwd\ndef broken(:\n    pass\n```" in asked(models), asked(models)
    assert "SyntaxError" in asked(models) and "interactiveshell.py" not in asked(models)


def test_an_answer_that_was_cut_off_says_so(kernel: Kernel) -> None:
    assert "come to its limit of tokens" in kernel.run("%%llm lab/length -c none\nGo on").markdown
    formula, said = kernel.run("%%llm lab/length -f math -c none\nGo on").outputs
    assert "$$Go on" in formula["data"]["text/markdown"] and "come to its limit" in said["data"]["text/markdown"]
    assert "come to its limit of tokens" in kernel.run("%%llm lab/length -f json -c none\n[1, 2").error


def test_an_error_shows_the_way_to_the_call_and_what_to_do(kernel: Kernel) -> None:
    kernel.run("import llmhub\ndef mine():\n    return llmhub.Compare(['lab/echo'])")
    ran = kernel.run("mine()")
    assert "mine()" in ran.traceback and "return" in ran.traceback and "comparing.py" not in ran.traceback
    assert "Compare takes 2 to 6 models, not 1. For one there is llmhub.Chat." in ran.traceback
    ran = kernel.run("llmhub.ask('Hello', model='nowhere/x')")
    assert ran.ename == "ModelNotFound" and "llmhub.ask" in ran.traceback
    assert "site-packages" not in ran.traceback and "/llmhub/" not in ran.traceback and "cause" not in ran.traceback


def test_history_is_not_swallowed_by_what_an_answer_left_open(kernel: Kernel) -> None:
    kernel.run("%llm new")
    kernel.run("%%llm lab/drip\n```python\n" + "x = 1\n" * 100)
    kernel.run("%%llm lab/drip\n| a |\n|---|\n| 1 |")
    said = kernel.run("%llm history").markdown
    assert said.count("x = 1") < 120 and said.count("```") == 4, "what is cut is closed"
    assert "**`lab/drip`:**\n\n| a |" in said


def test_numbers_of_a_table_stand_below_each_other_and_a_frame_is_as_high_as_its_page(kernel: Kernel, models: WireServer) -> None:
    def shown(format: str, answer: str) -> Ran:
        told = FORMATS[format]
        models.lines[told.instruction or (told.shape.instruction if told.shape else "")] = answer
        return kernel.run(f"%%llm lab/echo -c none -f {format}\nShow it")

    table = shown("table", '[{"city": "Bern", "n": 1}, {"city": "Rome", "n": null}]')
    assert "|:--|--:|" in table.markdown
    assert "$$a\n=b$$" in shown("math", "$$a\n\n=b$$").markdown
    pages = ("<p>One line.</p>", "<p>One of many.</p>" * 5, "<svg></svg>")
    frames = [shown("html", page).outputs[0]["data"]["text/html"] for page in pages]
    heights = [int(frame.partition("height:")[2].partition("px")[0]) for frame in frames]
    assert 0 < heights[0] < heights[1] < heights[2]


def test_commands_answer_without_a_model(kernel: Kernel, models: WireServer) -> None:
    kernel.run("%llm new")
    kernel.run("%llm one two")
    assert "one two" in kernel.run("%llm history").markdown
    assert "in 1 answer:" in kernel.run("%llm usage").markdown
    assert "`lab/echo`" in kernel.run("%llm models echo").markdown
    assert "`lab/slow`" in kernel.run("%llm model lab/slow").markdown
    assert "lab/slow" in kernel.run("%llm model").markdown and kernel.run("%llm model nonsense").ename == "ModelNotFound"
    kernel.run("%llm model lab/echo")
    assert "--dry-run" in kernel.run("%llm help").markdown
    before = len(models.requests)
    assert "history of Bern" in kernel.run("%llm history of Bern is what?").markdown and len(models.requests) == before + 1


def test_the_conversation_goes_out_as_a_file_and_comes_back(kernel: Kernel, models: WireServer) -> None:
    kernel.run("%llm new")
    kernel.run("%llm to be kept")
    assert "talk.ipynb`: " in kernel.run("%llm export talk.ipynb").markdown
    assert "talk.ipynb is there already" in kernel.run("%llm export talk.ipynb").error
    assert "1 here already" in kernel.run("%llm import talk.ipynb").markdown
    kernel.run("import nbformat\nn = nbformat.read('talk.ipynb', 4)\nn.cells[-1].source += ' and changed'")
    kernel.run("nbformat.write(n, 'talk.ipynb')")
    assert "1 with something new" in kernel.run("%llm import talk.ipynb").markdown
    assert "was changed" in kernel.run("%llm history").markdown, "the next question goes on from there"
    assert "there is no such file" in kernel.run("%llm import gone.ipynb").error
    before = len(models.requests)
    assert (
        "import antigravity" in kernel.run("%llm import antigravity in which file?").markdown and len(models.requests) == before + 1
    )
