"""A few words of a text around what was found, as HTML in which `<mark>` is the only markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from .query import Word
from .words import STEM, Piece, folded, languages, parts_of, pieces, stem_of

WIDTH: Final = 160
"""Characters."""
_BEFORE: Final = 40
_MOST_MATCHES: Final = 400
_FAR: Final = 20_000
"""Characters behind the first match in which a better one is looked for."""
_BLANKS: Final = re.compile(r"\s+")


class _Match(NamedTuple):
    start: int
    end: int
    word: int
    """Which of the words that were looked for; negative for one that is not as it was typed."""


def snippet(texts: Iterable[str], words: Sequence[Word]) -> str:
    """The stretch of the texts that says most of what was looked for; their beginning where nothing is to be marked."""
    text = "\n".join(texts)
    matches = _matches(text, words)
    start = _start(text, _best(matches))
    end = _end(text, start)
    inside = [match for match in matches if start <= match.start and match.end <= end]
    return f"{'… ' if start else ''}{_marked(text, start, end, inside)}{' …' if end < len(text) else ''}"


def marked(text: str, words: Sequence[Word]) -> str:
    """All of a short text."""
    return _marked(text, 0, len(text), _matches(text, words))


def _matches(text: str, words: Sequence[Word]) -> list[_Match]:
    finder = _Finder(words)
    found: list[_Match] = []
    for piece in pieces(text):
        found += finder.look(piece)
        if len(found) >= _MOST_MATCHES or (found and piece.start > found[0].start + _FAR):
            break
    return found


class _Finder:
    """Goes from word to word, and knows the words before, so that phrases are marked only where they stand."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        forms = [(index, at, form) for index, word in enumerate(words) for at, form in enumerate(word.forms)]
        self._single = [(index, at, form) for index, at, form in forms if len(form.terms) == 1]
        self._phrases = [(index, at, form) for index, at, form in forms if len(form.terms) > 1]
        self._longest = max((len(form.terms) for _, _, form in self._phrases), default=0)
        self._before: list[tuple[str, int]] = []
        self._known: dict[str, tuple[int, int] | None] = {}
        """Which word and form a word of the text is: most words of a text come again."""

    def look(self, piece: Piece) -> list[_Match]:
        """What ends with this piece."""
        if piece.unspaced:
            self._before.clear()
            return self._in_run(piece)
        try:
            best = self._known[piece.text]
        except KeyError:
            best = self._known[piece.text] = self._alone(piece.text)
        start = piece.start
        if self._phrases:
            self._before = [*self._before, (folded(piece.text), piece.start)][-self._longest :]
            for index, at, form in self._phrases:
                if best is not None and (index, at) > best:
                    break
                if (begins := self._ends_here(form.terms, form.prefix)) is not None:
                    best, start = (index, at), begins
                    break
        if best is None:
            return []
        index, at = best
        return [_Match(start, piece.end, index if at == 0 else -index - 1)]

    def _alone(self, word: str) -> tuple[int, int] | None:
        return next(((index, at) for index, at, form in self._single if self._is(form.terms[0], word, form.prefix)), None)

    def _ends_here(self, terms: tuple[str, ...], prefix: bool) -> int | None:
        behind = self._before[-len(terms) :]
        words = [word for word, _ in behind]
        if len(words) < len(terms) or words[:-1] != list(terms[:-1]):
            return None
        *_, last = terms
        return behind[0][1] if (words[-1].startswith(last) if prefix else words[-1] == last) else None

    def _is(self, term: str, word: str, prefix: bool) -> bool:
        form = folded(word)
        if term.startswith(STEM):
            stem = term[1:]
            # Stemming changes ends only, and costs more than looking at the beginning.
            begin = max(1, min(3, len(stem) - 1))
            return form[:begin] == stem[:begin] and any(stem_of(form, language) == stem for language in languages(()))
        candidates = (form, *parts_of(word))
        return any(one.startswith(term) if prefix else one == term for one in candidates)

    def _in_run(self, piece: Piece) -> list[_Match]:
        run = folded(piece.text)
        if len(run) != len(piece.text):
            return []
        found: list[_Match] = []
        for index, word in enumerate(self._words):
            typed = word.forms[0]
            wanted = typed.terms[0] + "".join(term[-1] for term in typed.terms[1:])
            at = run.find(wanted)
            while at >= 0:
                found.append(_Match(piece.start + at, piece.start + at + len(wanted), index))
                at = run.find(wanted, at + len(wanted))
        return sorted(found)


def _best(matches: Sequence[_Match]) -> _Match | None:
    """The match with the most different ones in the stretch that begins with it; as they were typed, if there is a choice."""
    best, most = None, 0.0
    for index, match in enumerate(matches):
        near = [other for other in matches[index : index + 12] if other.end <= match.start + WIDTH - _BEFORE]
        score = len({max(other.word, -other.word - 1) for other in near}) + 0.01 * len(near)
        score += 0.5 * (match.word >= 0)
        if score > most:
            best, most = match, score
    return best


def _start(text: str, match: _Match | None) -> int:
    if match is None or match.start <= _BEFORE or match.end <= WIDTH - _BEFORE or len(text) <= WIDTH:
        return 0
    near = match.start - _BEFORE
    blank = re.compile(r"\s").search(text, near, match.start)
    return blank.end() if blank else near


def _end(text: str, start: int) -> int:
    if start + WIDTH >= len(text):
        return len(text)
    blank = max(text.rfind(" ", start + WIDTH // 2, start + WIDTH), text.rfind("\n", start + WIDTH // 2, start + WIDTH))
    return blank if blank > 0 else start + WIDTH


def _marked(text: str, start: int, end: int, matches: Sequence[_Match]) -> str:
    said: list[str] = []
    at = start
    for match in matches:
        if match.start >= at:
            said += (_plain(text[at : match.start]), "<mark>", _plain(text[match.start : match.end]), "</mark>")
            at = match.end
    return "".join((*said, _plain(text[at:end]))).strip()


def _plain(text: str) -> str:
    return escape(_BLANKS.sub(" ", text), quote=True)
