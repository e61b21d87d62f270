"""A text as the words that it is found by.

Case and accents are folded, Chinese, Japanese, Korean and Thai become pairs of characters, `DataFrame` is found by its parts too,
and light stemming finds `files` by "file". The surprise: stems depend on the language of the whole text, so that German words in
an English text are not stemmed as German; a query does not know which text it will meet, and is stemmed in both.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, Final, Literal, NamedTuple, cast

Language = Literal["english", "german"]
_log = logging.getLogger(__name__)

LONGEST: Final = 64
"""Characters of a word that count: what is longer is a key or an encoded file, and is found by its beginning."""
_KEPT: Final = 100_000
"""Words whose stems are remembered, of each language."""
STEM: Final = "~"
"""Stands before a stem, so that no stem is taken for a word."""

_ENGLISH: Final = """
the of and to in is that it for was with as on be by this have from or are not but what can an at if we you your i a how do will
would there which so my me its use
"""
_GERMAN: Final = """
der die das und ist nicht ein eine einen einem einer zu den dem des mit fur auf wie ich sie es von im wird werden sind auch oder
aber dass man kann wenn nach bei aus als
"""
COMMON: Final[dict[Language, frozenset[str]]] = {"english": frozenset(_ENGLISH.split()), "german": frozenset(_GERMAN.split())}
"""Words that every text has. They tell languages apart, and weigh little in the order of what was found."""

# No spaces between words: Thai to Khmer, Han, the Japanese syllables, and Korean, whose words carry endings.
_UNSPACED: Final = (
    r"\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096"
    r"\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U000323af"
)
_CAMEL: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+[0-9]*")
_PLAIN: Final = re.compile("[A-Za-z0-9]+")
_ASCII_WORD: Final = r"[A-Za-z0-9]+(?![A-Za-z0-9\x80-\U0010ffff])"
"""Matched by itself: the large classes cost ten times as much for each character."""
_JOINED: Final = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]")


class Terms(NamedTuple):
    """What a text is found by: `stream` in the order of the text, so that phrases are found, and `extras` in none."""

    stream: list[str]
    extras: list[str]


class Piece(NamedTuple):
    """A word of a text as it stands there: `text[start:end]`. `unspaced`: it is a run of Chinese, Japanese, ..."""

    start: int
    end: int
    text: str
    unspaced: bool


def pieces(text: str) -> Iterable[Piece]:
    """The words of a text, in order."""
    for found in _pattern().finditer(text):
        start, end = found.span()
        yield Piece(start, end, found[0], found.lastindex == 1)


def terms(text: str) -> Terms:
    """What `text` is found by."""
    stream, extras = _ascii(text) if text.isascii() else _any(_normal(text))
    distinct = set(stream)
    words = distinct | extras
    for language in languages(stream):
        extras.update(filter(None, map(_stems(language).__getitem__, words)))
    extras -= distinct
    return Terms(stream, sorted(extras))


def _ascii(text: str) -> tuple[list[str], set[str]]:
    """Words and parts of names; most of what is written, code above all, is nothing but ASCII."""
    words = _PLAIN.findall(text)
    stream = list(map(str.lower, words))
    if max(map(len, stream), default=0) > LONGEST:
        stream = [word[:LONGEST] for word in stream]
    with_capitals = set(words).difference(stream)
    return stream, {part for word in with_capitals for part in _forms(word)[1]}


def _any(text: str) -> tuple[list[str], set[str]]:
    stream: list[str] = []
    extras: set[str] = set()
    for plain, run, other in _tokens().findall(text):
        if run:
            folded = fold(run)
            stream.extend(pairs(folded))
            if len(folded) > 1:
                extras.add(folded[-1])  # a character is found as the beginning of a pair; the last one begins none
            continue
        word, parts = _forms(plain or other)
        if word:  # else nothing but what parts words, or a mark
            stream.append(word)
            if parts:
                extras.update(parts)
    return stream, extras


def pairs(run: str) -> list[str]:
    """A run of characters without spaces as overlapping pairs; a single one stays."""
    return [run[at : at + 2] for at in range(len(run) - 1)] if len(run) > 1 else [run] if run else []


def languages(stream: Iterable[str]) -> tuple[Language, ...]:
    """In which languages a text is stemmed: the one that it is in; both if that is not clear."""
    said = list(stream)
    english, german = (sum(map(COMMON[language].__contains__, said)) for language in ("english", "german"))
    if english > 2 * german:
        return ("english",)
    return ("german",) if german > 2 * english else ("english", "german")


def stem_of(word: str, language: Language) -> str | None:
    """The stem of a folded word; None if it is the word itself, or nothing that is stemmed."""
    stem = _stems(language)[word]
    return None if stem is None else stem.removeprefix(STEM)


class _Stems(dict[str, str | None]):
    """The stem of each word in one language, as it stands in the index, worked out when it is first met."""

    def __init__(self, language: Language) -> None:
        self._stemmer = _stemmer(language)

    def __missing__(self, word: str) -> str | None:
        stem = word
        if self._stemmer is not None and 3 <= len(word) <= 32 and word.isalpha():
            stem = fold(self._stemmer.stemWord(word))
        if len(self) >= _KEPT:
            self.clear()
        self[word] = found = None if stem == word else STEM + stem
        return found


@cache
def _stems(language: Language) -> _Stems:
    return _Stems(language)


def fold(text: str) -> str:
    """Text without case and accents, one form for characters that are written in several."""
    if text.isascii():
        return text.lower()
    return _normal(text).casefold().translate(_plain())


def parts_of(word: str) -> tuple[str, ...]:
    """The parts of a name in camel case, folded: `DataFrame` → ("data", "frame"); () for what is no such name."""
    return _forms(word)[1]


def folded(word: str) -> str:
    """One word as it stands in the index."""
    return _forms(word)[0]


@lru_cache(maxsize=100_000)
def _forms(word: str) -> tuple[str, tuple[str, ...]]:
    parts: tuple[str, ...] = ()
    if word.isascii() and len(word) <= LONGEST and _JOINED.search(word):
        parts = tuple(part.lower() for part in _CAMEL.findall(word))
    return fold(word)[:LONGEST], parts if len(parts) > 1 else ()


@cache
def _stemmer(language: Language) -> Any:
    """PyStemmer's; None where it is broken: words are found then, if only as they stand there."""
    try:
        import Stemmer

        return cast("Any", Stemmer).Stemmer(language, 0)  # without its cache: it takes longer to find a stem there than to make it
    except Exception:
        _log.exception("PyStemmer does not work: words are found only in the form that they stand in. Install llmhub again.")
        return None


def _normal(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


@cache
def _pattern() -> re.Pattern[str]:
    """Group 1: a run without spaces; else a word. Underscores part words, marks belong to the letter before them."""
    return re.compile(rf"{_ASCII_WORD}|([{_UNSPACED}]+)|{_word()}")


@cache
def _tokens() -> re.Pattern[str]:
    """The same as three groups: a word of ASCII, a run without spaces, another word; all are empty where ASCII parts words."""
    return re.compile(rf"[\x00-/:-@\[-`{{-\x7f]+|({_ASCII_WORD})|([{_UNSPACED}]+)|({_word()})")


def _word() -> str:
    marks = "".join(
        chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code)) in ("Mn", "Mc") and not 0xE00 <= code < 0xF00
    )
    letters = rf"[^\W_{_UNSPACED}]"
    return rf"{letters}+(?:[{re.escape(marks)}\u200c\u200d]+{letters}*)*"


class _Plain(dict[int, str]):
    """Each character without its accents, worked out when it is first met. Only in scripts where an accent is no other letter."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        taken_apart = unicodedata.normalize("NFD", char)
        if code in (0x200C, 0x200D):
            plain = ""
        elif unicodedata.combining(char):
            # On their own: accents of the Latin, Greek and Cyrillic scripts, vowel points of Hebrew and Arabic.
            plain = "" if code < 0x700 else char
        elif ord(taken_apart[0]) < 0x530 or 0x1E00 <= code < 0x2000:
            plain = "".join(part for part in taken_apart if not unicodedata.combining(part))
        else:
            plain = char
        self[code] = plain
        return plain


@cache
def _plain() -> _Plain:
    return _Plain()
