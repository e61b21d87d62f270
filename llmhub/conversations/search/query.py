"""What somebody typed into a search field, understood. Nothing that is being typed is an error: what makes no sense is a note.

`pandas "exact words" -not  this OR that  role:user model:gpt in:thesis tag:work has:code is:pinned after:2026-10 before:yesterday`
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final, Literal, NamedTuple, get_args

from ...messages import Role
from . import when
from .contents import HAS, Has
from .words import COMMON, LONGEST, STEM, folded, pairs, parts_of, pieces, stem_of

LONGEST_QUERY: Final = 1000
"""Characters."""
MOST_WORDS: Final = 40
ROLES: Final[tuple[Role, ...]] = get_args(Role)
Is = Literal["pinned", "archived", "starred", "unread"]
IS: Final[tuple[Is, ...]] = get_args(Is)
OPERATORS: Final = ("role", "model", "in", "tag", "has", "is", "before", "after")
_ROLE_WORDS: Final[dict[str, Role]] = {"me": "user", "model": "assistant", "answer": "assistant", "question": "user"}
_COMMON: Final = frozenset[str]().union(*COMMON.values())
_QUOTED: Final = re.compile(r'"((?:\\["\\]|[^"])*)"?')
_TOKEN: Final = re.compile(r'(-)?(?:([A-Za-z]+):("(?:\\["\\]|[^"])*"?|[^\s"]*)|"([^"]*)("?)|(\S+))')

NoteCode = Literal["bad_value", "unknown_operator", "no_such_folder", "no_such_tag", "too_long", "nothing", "remade"]


class Note(NamedTuple):
    """Something about a query that its writer may want to know. `known`: what could stand there."""

    code: NoteCode
    message: str
    operator: str = ""
    value: str = ""
    known: tuple[str, ...] = ()


class Sequence(NamedTuple):
    """Terms that stand one behind the other; `prefix`: the last one only begins so."""

    terms: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to be found, in any of its forms. The first one is what was typed."""

    forms: tuple[Sequence, ...]

    @property
    def is_common(self) -> bool:
        """Whether every text has it."""
        [typed, *_] = self.forms
        return len(typed.terms) == 1 and typed.terms[0] in _COMMON

    @classmethod
    def of(cls, text: str, *, exact: bool = False, prefix: bool = False) -> Word | None:
        """A word or name as it was typed, or a phrase; None if there is nothing in it to look for."""
        found: list[str] = []
        begins = prefix
        last = None
        for last in pieces(text):
            word = folded(last.text)
            found += pairs(word) if last.unspaced else [word[:LONGEST]] if word else []
        if not found or last is None:
            return None
        if last.unspaced:
            begins = len(folded(last.text)) == 1  # pairs begin with it
        elif len(found) == 1 and len(found[0]) < 2:
            begins = False
        typed = Sequence(tuple(found), begins)
        forms = [typed]
        if len(found) == 1 and not exact and not last.unspaced:
            [word] = found
            if parts := parts_of(last.text):
                forms.append(Sequence(parts, prefix))
            for stem in (stem_of(word, "english"), stem_of(word, "german")):
                if stem is not None:
                    forms += [Sequence((STEM + stem,)), Sequence((stem,))]
            if word.isalpha() and len(word) >= 3:
                forms.append(Sequence((STEM + word,)))
        return cls(tuple(dict.fromkeys(forms)))


@dataclass(frozen=True, slots=True)
class Query:
    """All of it holds together: one of each `words`, none of `without`, and every condition."""

    words: tuple[tuple[Word, ...], ...] = ()
    without: tuple[Word, ...] = ()
    roles: tuple[Role, ...] = ()
    not_roles: tuple[Role, ...] = ()
    models: tuple[str, ...] = ()
    not_models: tuple[str, ...] = ()
    has: tuple[Has, ...] = ()
    has_not: tuple[Has, ...] = ()
    folders: tuple[str, ...] = ()
    """Their names."""
    not_folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    flags: tuple[Is, ...] = ()
    not_flags: tuple[Is, ...] = ()
    after: datetime | None = None
    """At this time or later."""
    before: datetime | None = None
    """Earlier than this time."""
    notes: tuple[Note, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return not any(getattr(self, name) for name in self.__slots__ if name != "notes")

    @property
    def is_about_messages(self) -> bool:
        """Whether it has a condition that only messages meet, so that no title does."""
        return bool(self.roles or self.not_roles or self.models or self.not_models or self.has or self.has_not)


def parse(text: str, now: datetime) -> Query:
    """`now`: aware, in the time zone of who asks."""
    reading = _Reading(now)
    if len(text) > LONGEST_QUERY:
        text = text[:LONGEST_QUERY].rsplit(None, 1)[0]
        reading.note("too_long", f"Only the first {LONGEST_QUERY} characters are looked for.", known=(str(LONGEST_QUERY),))
    return reading.read(text)


@dataclass
class _Reading:
    """A query in the making."""

    now: datetime
    words: list[tuple[Word, ...]] = field(default_factory=list[tuple[Word, ...]])
    without: list[Word] = field(default_factory=list[Word])
    given: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    times: dict[str, datetime] = field(default_factory=dict[str, datetime])
    notes: list[Note] = field(default_factory=list[Note])
    either: bool = False
    """An OR stands before what comes."""

    def read(self, text: str) -> Query:
        for minus, name, value, phrase, closed, word in _tokens(text):
            operator = name.lower()
            is_last = not closed and text.endswith(word or phrase or f"{name}:{value}")
            if operator in OPERATORS:
                self._condition(operator, _value(value), negative=bool(minus))
            elif phrase:
                self._add(Word.of(phrase, exact=True, prefix=is_last), negative=bool(minus))
            elif word in ("OR", "|") and self.words:
                self.either = True
            else:
                self._misspelt(operator, value)
                said = word or (f"{name}:{value}" if name else "")
                self._add(Word.of(said, prefix=is_last), negative=bool(minus))
        conditions: dict[str, Any] = {name: tuple(dict.fromkeys(values)) for name, values in self.given.items()}
        conditions |= self.times
        query = Query(words=tuple(self.words), without=tuple(self.without), **conditions)
        if query.is_empty and text.strip() and not self.notes and not self._is_begun(text):
            self.note("nothing", "There are no letters or digits in this to look for.")
        return replace(query, notes=tuple(self.notes))

    def note(self, code: NoteCode, message: str, operator: str = "", value: str = "", known: Iterable[str] = ()) -> None:
        """Tell the writer something, once."""
        note = Note(code, message, operator, value, tuple(known))
        if note not in self.notes:
            self.notes.append(note)

    def _add(self, word: Word | None, *, negative: bool) -> None:
        either, self.either = self.either, False
        if word is None:
            return
        if negative:
            self.without.append(word)
        elif either:
            self.words[-1] = (*self.words[-1], word)
        elif len(self.words) < MOST_WORDS:
            self.words.append((word,))
        else:
            self.note("too_long", f"Only the first {MOST_WORDS} words are looked for.", known=(str(MOST_WORDS),))

    def _condition(self, operator: str, value: str, *, negative: bool) -> None:
        self.either = False
        if not value:
            return  # it is being typed
        match operator:
            case "role":
                self._choice("roles", operator, _ROLE_WORDS.get(value.lower(), value), ROLES, negative=negative)
            case "has":
                self._choice("has", operator, value, HAS, negative=negative)
            case "is":
                self._choice("flags", operator, value, IS, negative=negative)
            case "model":
                self._keep("models", value, negative=negative)
            case "in":
                self._keep("folders", value, negative=negative)
            case "tag":
                self._keep("tags", value, negative=negative)
            case _:
                self._time(operator, value, negative=negative)

    def _choice(self, name: str, operator: str, value: str, known: Iterable[str], *, negative: bool) -> None:
        fitting = [one for one in known if one.startswith(value.lower())]
        if len(fitting) == 1:
            self._keep(name, fitting[0], negative=negative)
        elif not fitting:
            message = f"{operator}: knows {', '.join(known)}, and not “{value}”."
            self.note("bad_value", message, operator, value, known)

    def _keep(self, name: str, value: Any, *, negative: bool) -> None:
        where = ("has_not" if name == "has" else f"not_{name}") if negative else name
        self.given.setdefault(where, []).append(value)

    def _time(self, operator: str, value: str, *, negative: bool) -> None:
        begins = when.beginning(value, self.now)
        if begins is None:
            message = f"{operator}: takes a time such as {', '.join(when.EXAMPLES[:4])}, and not “{value}”."
            self.note("bad_value", message, operator, value, when.EXAMPLES)
        elif (operator == "after") is not negative:
            self.times["after"] = max(begins, self.times.get("after", begins))
        else:
            self.times["before"] = min(begins, self.times.get("before", begins))

    def _misspelt(self, name: str, value: str) -> None:
        if not name or not value or value.startswith(("/", ":", "\\")):
            return
        if close := get_close_matches(name, OPERATORS, n=1, cutoff=0.75):
            message = f"There is no {name}:, so it is looked for as a word. Did you mean {close[0]}:?"
            self.note("unknown_operator", message, name, value, close)

    def _is_begun(self, text: str) -> bool:
        """It ends with an operator that has no value yet, or an opened quotation mark."""
        return text.rstrip().endswith((":", '"', "-"))


def _value(written: str) -> str:
    """What stands behind an operator, without the quotation marks round it, and with those of its own."""
    quoted = _QUOTED.fullmatch(written)
    return (re.sub(r'\\(["\\])', r"\1", quoted[1]) if quoted else written).strip()


def _tokens(text: str) -> Iterator[tuple[str, ...]]:
    for found in _TOKEN.finditer(text):
        yield tuple(group or "" for group in found.groups())
