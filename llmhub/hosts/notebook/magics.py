"""`%llm` and `%%llm`: a question in a cell, its answer in the cell's output. docs/magics.md says what can be told."""

from __future__ import annotations

import difflib
import keyword
from collections.abc import Callable, Sequence
from pathlib import Path
from traceback import format_exception_only
from typing import Any, Final
from weakref import WeakKeyDictionary

from ...conversations.transfer.blocks import fence
from ...errors import Invalid, LLMHubError, ModelNotFound, NotFound, Unreachable
from ...messages import Part, TextPart
from .asking import Asking, Missed, Stopped, ask
from .calling import ask_with_tools
from .cells import Cells
from .commands import COMMANDS
from .consent import Consent
from .display import NoOutput
from .dry import dry_run
from .formats import FORMATS, Format, code_of, frame_of
from .kernel import here
from .masking import masked
from .models import with_nearest
from .noted import Noted
from .options import Told, read_cell, read_line
from .question import image_of, parts_of
from .result import Result
from .running import Running
from .shape import Shape, shape_of
from .shown import BUDGET
from .surroundings import Surroundings
from .template import Expression
from .tools import Toolbox
from .trouble import is_no_trouble, last_trouble

_NEW: Final = "new"
_NONE: Final = "none"
_FIX: Final = (
    "Something went wrong in my notebook. Say in a sentence or two why, "
    "then give the whole corrected cell in one Python code block."
)
_EXPLAIN: Final = "Explain this cell of my notebook and what came of it, briefly."


class Magics:
    """The magics of one IPython shell, and what they remember: running conversations by name, the model to ask."""

    def __init__(self, shell: Any, noted: Noted) -> None:
        self.shell = shell
        self.cells = Cells(shell, noted)
        self.around = Surroundings(shell)
        self.consent = Consent(shell)
        self.model: str | None = None
        self._running: dict[str, Running] = {}

    def ask(self, line: str, cell: str | None) -> None:
        """Do what a magic says. Failures are words in the cell's output, not a traceback."""
        try:
            if cell is None:
                self._line(line)
            else:
                self._cell(read_cell(line), cell)
        except LLMHubError as exc:
            if isinstance(exc, Unreachable):
                here.forget()
            is_no_trouble(exc)
            raise in_words(exc) from None
        except KeyboardInterrupt as exc:
            stopped = exc if isinstance(exc, Stopped) else Stopped()
            is_no_trouble(stopped)
            raise stopped from None

    def _line(self, line: str) -> None:
        told = read_line(line)
        command, _, rest = told.rest.partition(" ")
        if command in ("fix", "explain"):
            more = read_line(rest)
            told.given.update(more.given)
            rest = more.rest
        if command in COMMANDS and not told.given and COMMANDS[command][1](rest):
            self._show(COMMANDS[command][0](self, here.client, rest.strip()))
        elif command == "fix":
            self._fix(told, rest)
        elif command == "explain":
            self._explain(told, rest)
        elif not told.rest:
            raise Invalid("Nothing is asked.", hint="Write `%llm QUESTION`; `%llm help` says what else there is.")
        else:
            self._question(told, self._parts(told, told.rest))

    def _cell(self, told: Told, cell: str) -> None:
        if len(told.words) > 1:
            raise Invalid(
                f"`{' '.join(told.words)}` is more than a model's name.",
                hint="Write the question below the line with %%llm, or use %llm for one line.",
            )
        if told.words:
            if told.get("model"):
                raise Invalid("Two models are named.", hint=f"Leave out `{told.words[0]}` or `--model`.")
            told.given["model"] = told.words[0]
        if not cell.strip():
            raise Invalid("Nothing is asked.", hint="Write the question below the line with %%llm.")
        self._question(told, self._parts(told, cell.strip("\n")))

    def _fix(self, told: Told, more: str) -> None:
        trouble = last_trouble(self.cells.written)
        if trouble is None:
            raise Invalid("Nothing went wrong in this kernel yet.", hint="`%llm fix` takes the last error.")
        result = self._question(told, [TextPart(text=f"{_FIX} {more}".strip() + f"\n\n{trouble}")])
        if result is not None and "```" in result.conclusion:
            self._next_cell(code_of(result.conclusion))

    def _explain(self, told: Told, more: str) -> None:
        cell = self.cells.told("last")
        if not cell:
            raise Invalid("No cell was run yet.", hint="`%llm explain` takes the last one.")
        self._question(told, [TextPart(text=f"{_EXPLAIN} {more}".strip() + f"\n\n{cell}")])

    # ---- a question

    def _parts(self, told: Told, text: str) -> list[Part]:
        names = self.shell.user_ns
        parts = parts_of(text, names, budget=_number(told, "budget", BUDGET))
        if not parts:
            raise Invalid("Nothing is asked: what stands in {{ }} is empty.", hint="Add some words.")
        parts += [image_of(source, names) for source in told.get("image") or ()]
        if context := told.get("context"):
            cells = self.cells.told(context)
            parts = [TextPart(text=f"Cells of my notebook:\n\n{cells}\n\n"), *parts] if cells else parts
        return parts

    def _question(self, told: Told, parts: Sequence[Part]) -> Result | None:
        """What came of it; None where nothing was sent."""
        params, format, name = told.params(), _format(told), _variable(told)
        if "system" in params:
            params["system"] = masked(params["system"])
        if told.get("run") and told.get("format") != "code":
            raise Invalid("--run is for code.", hint="Write `-f code --run`.")
        files = [_file(file) for file in told.get("attach") or ()]
        asking = Asking(
            list(parts),
            told.get("model") or self.model,
            params,
            files=files,
            instruction=format.instruction or None,
            shape=self._shape(told) or format.shape,
        )
        if told.get("dry_run"):
            kept, cell = told.get("conversation"), self.around.next_question()
            place = None if kept in (_NEW, _NONE) else self.running(kept).known(cell)
            self._show(dry_run(here.client, asking, place, self._tools(told)))
            return None
        try:
            result = self._ask(told, asking, format)
        except Missed as exc:
            if name:
                self.shell.user_ns[name] = exc.result
            raise
        if told.get("format") == "table":
            result = result.model_copy(update={"value": frame_of(result.value)})
        if name:
            self.shell.user_ns[name] = result
        if told.get("format") == "code":
            self._use(code_of(result.conclusion), runs=bool(told.get("run")), is_seen=not told.get("quiet"))
        return result

    def _ask(self, told: Told, asking: Asking, format: Format) -> Result:
        client, name = here.client, told.get("conversation")
        quiet = told.get("quiet")
        output = NoOutput() if quiet else self.around.output(plain=format.plain)
        tools = self._tools(told)

        def answer(where: Asking) -> Result:
            if tools is None:
                return ask(client, where, output, format.show)
            return ask_with_tools(client, where, tools, output, format.show)

        try:
            if name == _NONE:
                return answer(asking.at(temporary=True))
            running = self.running(None if name == _NEW else name)
            if name == _NEW:
                running.begin_anew()
            cell = self.around.next_question()
            place = running.place(client, cell)
            try:
                result = answer(asking.at(place.conversation_id, place.parent_id))
            except NotFound:
                if place.parent_id is None:
                    raise
                result = answer(asking.at(place.conversation_id))
            except Stopped as exc:
                if exc.message_id is not None:  # asked again, it is a branch beside this one
                    running.answered(cell, exc.message_id)
                raise
            except Missed as exc:
                running.answered(cell, exc.result.message.id)
                raise
        except ModelNotFound as exc:
            with_nearest(exc, client, asking.model or "")
            raise
        running.answered(cell, result.message.id)
        return result

    def _tools(self, told: Told) -> Toolbox | None:
        if not (named := told.get("tools")):
            return None
        found: list[Callable[..., Any]] = []
        for name in filter(None, map(str.strip, named.split(","))):
            function = Expression(name, f"--tools {name}").value(self.shell.user_ns)
            if not callable(function):
                raise Invalid(f"--tools {name}: a {type(function).__name__} is no function.", hint="Name functions.")
            found.append(function)
        return Toolbox(found)

    def _shape(self, told: Told) -> Shape | None:
        source = told.get("schema")
        if source is None:
            return None
        if source.endswith(".json"):
            return shape_of(_text_of(Path(source)), f"--schema {source}")
        if source.lstrip().startswith("{"):
            return shape_of(source, "--schema")
        return shape_of(Expression(source, f"--schema {source}").value(self.shell.user_ns), f"--schema {source}")

    def _use(self, code: str, *, runs: bool, is_seen: bool) -> None:
        if not runs:
            self._next_cell(code)
            return
        if not is_seen:  # nobody can agree to what they do not see
            self._show(fence(code, "python"))
        agreed = self.consent.may_run()
        if agreed:
            self._run(code)
            return
        self._next_cell(code)
        if agreed is None:
            self._show("*Nobody can be asked here whether the code may run, so it does not. It is in the next cell.*")

    def _run(self, code: str) -> None:
        """Run it as a cell. Where it fails, IPython has shown how, and the cell that asked fails too: nothing goes on behind."""
        ran = self.shell.run_cell(code, store_history=False)
        error: BaseException | None = ran.error_before_exec or ran.error_in_exec
        if isinstance(error, KeyboardInterrupt):
            raise error
        if error is not None:
            said = "".join(format_exception_only(error)).strip().splitlines()[-1]
            raise Invalid(f"The code failed: {said}", hint="`%llm fix` asks for it corrected.")

    def _next_cell(self, code: str) -> None:
        self.shell.set_next_input(code, replace=False)

    def _show(self, markdown: str) -> None:
        output = self.around.output()
        output.add(markdown)
        output.end()

    def running(self, name: str | None = None) -> Running:
        """The running conversation of this notebook, or one by its name."""
        key = name or ""
        if key not in self._running:
            path = self.around.notebook
            self._running[key] = Running(path, name)
        return self._running[key]


def _format(told: Told) -> Format:
    name = told.get("format") or "markdown"
    if (format := FORMATS.get(name)) is None:
        near = difflib.get_close_matches(name, FORMATS, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise Invalid(f"There is no format {name}.", hint=f"{meant}There are {', '.join(FORMATS)}.")
    return format


def _variable(told: Told) -> str | None:
    name = told.get("output")
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name)):
        raise Invalid(f"`{name}` is no name of a variable.", hint="Write it as in `-o answer`.")
    return name


def _number(told: Told, name: str, usual: int) -> int:
    given = told.get(name)
    if given is None:
        return usual
    if not given.isdigit() or not int(given):
        raise Invalid(f"--{name} {given}: it is a number of characters.", hint=f"It is {usual} unless told.")
    return int(given)


def _file(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        raise Invalid(f"--attach {name}: there is no such file.", hint=f"Paths begin in {Path.cwd()}.")
    try:
        path.open("rb").close()
    except OSError as exc:
        raise Invalid(f"--attach {name}: {exc.strerror or exc}.", hint="Attach a file that you may read.") from None
    return path


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Invalid(f"--schema {file}: there is no such file.", hint=f"Paths begin in {Path.cwd()}.") from None
    except (OSError, ValueError) as exc:
        raise Invalid(f"--schema {file}: it cannot be read ({exc}).", hint="Give a file with a JSON schema.") from None


def in_words(error: LLMHubError) -> LLMHubError:
    """The same error, which IPython shows as what it says, without the way that led to it.

    JupyterLab offers no mending of what begins so: see `isMendable` in labextension/src/model/surroundings.ts.
    """
    said = f"{error.message} {error.hint}".strip()
    error.args = (said,)
    error._render_traceback_ = lambda: [f"llmhub: {said}"]  # type: ignore[attr-defined]
    return error


_MAGICS: Final[WeakKeyDictionary[Any, Magics]] = WeakKeyDictionary()


def magics(shell: Any, noted: Noted) -> Magics:
    """The magics of a shell; the same ones each time."""
    if shell not in _MAGICS:
        _MAGICS[shell] = Magics(shell, noted)
    return _MAGICS[shell]
