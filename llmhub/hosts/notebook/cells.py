"""`Cells`: those that a kernel ran, as their person wrote them, with what they gave: printed, shown, returned, or failed with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ...conversations.transfer.blocks import fence
from ...errors import Invalid
from .masking import masked
from .noted import Noted
from .shown import BUDGET, Picture, cut, shown

_PIECE: Final = BUDGET // 4
"""Characters that each thing that a cell gave may take."""


class Cells:
    """Of one IPython shell. What is printed is kept by IPython from its version 9 on."""

    def __init__(self, shell: Any, noted: Noted) -> None:
        self._shell = shell
        self._noted = noted

    def told(self, which: str, *, budget: int = BUDGET) -> str:
        """Cells for a model: `last`, `cells` for all, `none`, or how many. Raises `Invalid`."""
        if which == "none":
            return ""
        if which not in ("last", "cells") and not (which.isdigit() and int(which)):
            raise Invalid(f"--context {which} is not known.", hint="There are last, cells, none, and a number of cells.")
        most = None if which == "cells" else 1 if which == "last" else int(which)
        numbers = list(self._numbers())
        numbers = numbers if most is None else numbers[-most:]
        kept: list[str] = []
        size = 0
        for number in reversed(numbers):  # the newest have room first
            cell = self._cell(number)
            size += len(cell)
            if size > 4 * budget and kept:
                kept.append(f"(… {len(numbers) - len(kept)} earlier cells left out)")
                break
            kept.append(cell)
        return masked("\n\n".join(reversed(kept)))

    def written(self, source: str) -> str:
        """A cell as it was written, by what IPython made of it."""
        made = self._made()
        number = next((number for number in range(len(made) - 1, 0, -1) if made[number].strip() == source.strip()), None)
        return source if number is None else self._source(number)

    def _numbers(self) -> Iterator[int]:
        """Of cells that asked nothing; the last one is asking."""
        made = self._made()
        for number in range(len(made) - 1):
            if made[number].strip() and "run_cell_magic('llm'" not in made[number] and "run_line_magic('llm'" not in made[number]:
                yield number

    def _made(self) -> Sequence[str]:
        made: Sequence[str] = self._shell.history_manager.input_hist_parsed
        return made

    def _source(self, number: int) -> str:
        raw: Sequence[str] = self._shell.history_manager.input_hist_raw
        return raw[number] if number < len(raw) else self._made()[number]

    def _cell(self, number: int) -> str:
        """One cell and what it gave."""
        told = [f"In [{number}]:\n{fence(self._source(number).strip(), 'python')}"]
        told += [f"Printed:\n{fence(cut(text.strip(), _PIECE), '')}" for text in self._printed(number) if text.strip()]
        told += [f"Shown:\n{fence(text, '')}" for text in self._noted.shown(number)]
        results: Mapping[int, Any] = self._shell.user_ns.get("Out", {})
        if number in results:
            value = shown(results[number], f"Out[{number}]", _PIECE)
            text = "(an image)" if isinstance(value, Picture) else cut(value, _PIECE)
            told.append(f"Out [{number}]:\n{fence(text, '')}")
        if error := self._noted.failed(number):
            told.append(f"It failed:\n{fence(error, '')}")
        return "\n".join(told)

    def _printed(self, number: int) -> Iterator[str]:
        kept: Mapping[int, Sequence[Any]] = getattr(self._shell.history_manager, "outputs", {})
        for output in kept.get(number, ()):
            if output.output_type in ("out_stream", "err_stream"):
                yield "".join(output.bundle.get("stream", ()))
