"""A query in the language of the full text: SQLite's FTS5 or PostgreSQL's tsquery. Both say the same.

Terms are letters and digits with our own signs before them (`words`, `index`), so nothing in them has to be escaped; a quotation
mark that came all the same would end up outside of the quotes, and is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from .marks import model_marks
from .query import Sequence as Terms
from .query import Word


class Grammar(Protocol):
    """How one of the databases writes it."""

    def terms(self, terms: Terms) -> str:
        """Terms one behind the other."""
        ...

    def begins(self, mark: str) -> str:
        """A mark that begins like this; where that takes long, also some that only begin alike."""
        ...

    def every(self, parts: Sequence[str]) -> str:
        """All of it."""
        ...

    def without(self, part: str, others: Sequence[str]) -> str:
        """The part where none of the others is."""
        ...

    def either(self, parts: Sequence[str]) -> str:
        """One of it."""
        ...


class Fts5:
    """SQLite. Phrases are looked for in the column that has the order of the text."""

    def terms(self, terms: Terms) -> str:
        """`"read"*`, `stream : "read csv"`."""
        column = "stream : " if len(terms.terms) > 1 else ""
        return f'{column}"{_clean(" ".join(terms.terms))}"{" *" if terms.prefix else ""}'

    def begins(self, mark: str) -> str:
        """Of three characters, for which there is a list: half a million matches would else be gathered first."""
        return self.terms(Terms((mark[:3],), prefix=True))

    def every(self, parts: Sequence[str]) -> str:
        """Joined by AND."""
        return _joined(parts, " AND ")

    def without(self, part: str, others: Sequence[str]) -> str:
        """NOT stands between two."""
        return f"({part} NOT {self.either(others)})" if others else part

    def either(self, parts: Sequence[str]) -> str:
        """Joined by OR."""
        return _joined(parts, " OR ")


class TsQuery:
    """PostgreSQL."""

    def terms(self, terms: Terms) -> str:
        """`'read':*`, `'read' <-> 'csv'`."""
        quoted = [f"'{_clean(term)}'" for term in terms.terms]
        if terms.prefix:
            quoted[-1] += ":*"
        return _joined(quoted, " <-> ")

    def begins(self, mark: str) -> str:
        """`'=mqwen':*`."""
        return self.terms(Terms((mark,), prefix=True))

    def every(self, parts: Sequence[str]) -> str:
        """Joined by &."""
        return _joined(parts, " & ")

    def without(self, part: str, others: Sequence[str]) -> str:
        """! stands before one."""
        return f"({part} & !{self.either(others)})" if others else part

    def either(self, parts: Sequence[str]) -> str:
        """Joined by |."""
        return _joined(parts, " | ")


GRAMMARS: Final[dict[str, Grammar]] = {"sqlite": Fts5(), "postgresql": TsQuery()}


def expression(
    grammar: Grammar,
    *,
    words: Iterable[Iterable[Word]] = (),
    without: Iterable[Word] = (),
    marks: Iterable[Iterable[str]] = (),
    without_marks: Iterable[str] = (),
    models: Iterable[str] = (),
    without_models: Iterable[str] = (),
) -> str:
    """All `words` (one of each group), one of each group of `marks`, one of `models`, and nothing of what is to be absent."""

    def word(word: Word) -> str:
        return grammar.either([grammar.terms(form) for form in word.forms])

    def mark(mark: str) -> str:
        return grammar.terms(Terms((mark,)))

    def model(name: str) -> str:
        marks = [Terms((mark,), prefix=True) for mark in model_marks(name)] or [Terms(("=m",))]
        return grammar.every([grammar.terms(one) for one in marks])

    wanted = [grammar.either([word(one) for one in group]) for group in words]
    wanted += [grammar.either([mark(one) for one in group]) for group in marks]
    asked = [grammar.every([grammar.begins(mark) for mark in model_marks(name) or ["=m"]]) for name in models]
    wanted += [grammar.either(asked)] if asked else []
    absent = [*map(word, without), *map(mark, without_marks), *map(model, without_models)]
    return grammar.without(grammar.every(wanted), absent)


def _joined(parts: Sequence[str], by: str) -> str:
    return parts[0] if len(parts) == 1 else f"({by.join(parts)})"


def _clean(term: str) -> str:
    return term.replace('"', "").replace("'", "").replace("\\", "")
