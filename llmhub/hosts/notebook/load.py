"""What `%load_ext llmhub` does: the names `%llm` and `%%llm`, and notes of what cells give; nothing else until one of them is used.

The surprise: to IPython a line that ends with a question mark asks for help, `%llm` or not; such lines are taken from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

from .noted import Noted

_NAME: Final = "llm"
_ASKS: Final = f"%{_NAME} "
_NOTED: Final[WeakKeyDictionary[Any, Noted]] = WeakKeyDictionary()
"""By shell."""


def load(shell: Any) -> None:
    """Register the magics with an IPython shell."""
    noted = _NOTED.setdefault(shell, Noted(shell))
    noted.begin()

    def llm(line: str, cell: str | None = None) -> None:
        from .magics import magics

        magics(shell, noted).ask(line, cell)

    # Braces and dollar signs in a question are the question's own: only {{ }} means something, to us.
    llm._ipython_magic_no_var_expand = True  # type: ignore[attr-defined]
    llm.__doc__ = """Ask a model: `%llm QUESTION`, or `%%llm [MODEL] [OPTIONS]` above a question. `%llm help` says more."""
    shell.register_magic_function(llm, "line_cell", _NAME)
    if questions not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(questions)


def unload(shell: Any) -> None:
    """Take the names back."""
    if (noted := _NOTED.get(shell)) is not None:
        noted.end()
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(_NAME, None)
    if questions in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(questions)


def questions(lines: Sequence[str]) -> list[str]:
    """The lines of a cell, `%llm ...?` among them as what IPython makes of other magics."""
    if not any(line.lstrip().startswith(_ASKS) and line.rstrip().endswith("?") for line in lines) or lines[0].startswith("%%"):
        return list(lines)
    from IPython.core.inputtransformer2 import make_tokens_by_line

    made = list(lines)
    by_line: Any = make_tokens_by_line(made)
    for tokens in by_line:
        first = _first(tokens)
        if first is None or first.string != "%":
            continue
        row, column = int(first.start[0]), int(first.start[1])
        line: str = made[row - 1]
        asked = line[column:].strip()
        if asked.startswith(_ASKS) and asked.endswith("?"):
            made[row - 1] = f"{line[:column]}get_ipython().run_line_magic({_NAME!r}, {asked[len(_ASKS) :].strip()!r})\n"
    return made


def _first(tokens: Any) -> Any:
    """The first token of a line that is more than its indentation."""
    return next((token for token in tokens if token.string.strip()), None)
