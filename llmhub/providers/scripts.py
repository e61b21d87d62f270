"""What the demo says. Texts only; `scripted` chooses among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Script:
    """Something to say, and what to show as the thinking before it."""

    thought: str
    text: str


HONEST: Final = (
    "**I am a script, not a model.** Nothing here is thought up, and nothing leaves this machine: "
    "you are watching a prepared text, streamed as a model's answer would be.\n\n"
)

_TOUR_1: Final = Script(
    "This box is where a model that reasons shows its thoughts before it speaks. Mine were written beforehand, like everything I "
    "say. I will show what an answer can hold: text, mathematics, code and a table. You can fold this box away.",
    HONEST
    + r"""## What an answer can hold

It is **Markdown**, drawn while it arrives. A formula is set as soon as it is complete:

$$
\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}
$$

and inline, as in $e^{i\pi} + 1 = 0$. Code is highlighted, and can be copied or put into a notebook's cell:

```python
def primes(limit: int) -> list[int]:
    sieve = bytearray([1]) * (limit + 1)
    sieve[:2] = b"\0\0"
    for n in range(2, int(limit**0.5) + 1):
        if sieve[n]:
            sieve[n * n :: n] = bytes(len(range(n * n, limit + 1, n)))
    return [n for n, is_prime in enumerate(sieve) if is_prime]


print(primes(30))
```

Tables stay tables:

| What you see | Where it comes from |
|---|---|
| words that appear one by one | streaming |
| the grey box above | reasoning |
| this table | Markdown |

## Three things to try now

1. **Regenerate** this answer. Another version takes its place, and a small picker lets you go back and forth: nothing is lost.
2. **Edit** your own message. The conversation branches there; the old branch stays.
3. Ask for `code`, `math`, `a table` or `something long`, and **stop** me in the middle.

When you are ready for real answers, choose **Set up providers…** in the list of models: a server on this machine such as Ollama,
or a key for a provider you use.
""",
)

_TOUR_2: Final = Script(
    "A second version was asked for, so I take the next text from my drawer. A model would think afresh here; I only count.",
    HONEST
    + r"""## The other version

You asked again, so here is a different text. The **picker under this message** now says which version you see; step back and the
first one is still there.

A sum, for a change:

$$
\sum_{n=1}^{\infty} \frac{1}{n^2} = \frac{\pi^2}{6}
$$

The same, by brute force:

```python
import math

terms = 100_000
total = sum(1 / n**2 for n in range(1, terms + 1))
print(f"{total:.6f} against {math.pi**2 / 6:.6f}")
```

| Terms | Sum | Still missing |
|---:|---:|---:|
| 10 | 1.549768 | 0.095166 |
| 1,000 | 1.643935 | 0.001000 |
| 100,000 | 1.644924 | 0.000010 |

- [x] regenerated
- [ ] edited a message
- [ ] stopped an answer

Each of these makes a **branch** of the conversation rather than overwriting it.
""",
)

_TOUR_3: Final = Script(
    "Third drawer. After this one I start over with the first.",
    HONEST
    + r"""## A third version, and then they repeat

I own three texts for this. A model would never run out, which is why you will want one.

> Quotes look like this. You can quote a part of any answer in your next message.

A matrix:

$$
\begin{pmatrix} \cos\theta & -\sin\theta \\ \sin\theta & \cos\theta \end{pmatrix}
\begin{pmatrix} x \\ y \end{pmatrix}
$$

and a query:

```sql
SELECT model, count(*) AS answers, avg(duration_ms) AS mean_ms
FROM messages
WHERE role = 'assistant'
GROUP BY model
ORDER BY answers DESC;
```

| Step | How long it takes |
|---|---|
| find a server on this machine | a click |
| or enter a key and test it | half a minute |
| choose a model above the composer | a click |

That is all there is to a first real answer.
""",
)

TOUR: Final = (_TOUR_1, _TOUR_2, _TOUR_3)

MATH: Final = (
    Script(
        "The word for mathematics was in the message. I have two texts about it and take them in turn.",
        HONEST
        + r"""You asked for mathematics; these formulas are prepared, but they are right.

The roots of $ax^2 + bx + c = 0$ are

$$
x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}.
$$

They come from completing the square:

$$
\begin{aligned}
ax^2 + bx + c &= a\left(x + \frac{b}{2a}\right)^2 - \frac{b^2 - 4ac}{4a} = 0 \\
\left(x + \frac{b}{2a}\right)^2 &= \frac{b^2 - 4ac}{4a^2}.
\end{aligned}
$$

The sign of $b^2 - 4ac$ tells how many roots are real: two, one or none. **Regenerate** for a derivative.
""",
    ),
    Script(
        "The other text about mathematics.",
        HONEST
        + r"""A derivative, step by step. For $f(x) = x^x$ with $x > 0$, take logarithms:

$$
\ln f(x) = x \ln x \quad\Longrightarrow\quad \frac{f'(x)}{f(x)} = \ln x + 1,
$$

so that

$$
f'(x) = x^x\,(\ln x + 1).
$$

It vanishes at $x = 1/e \approx 0.3679$, the lowest point of the curve.
""",
    ),
)

CODE: Final = (
    Script(
        "A word for code was in the message. I have two pieces and take them in turn.",
        HONEST
        + r'''Code, as you asked. I cannot write what *you* need, but this runs:

```python
from collections import Counter
from pathlib import Path


def common_words(path: Path, most: int = 5) -> list[tuple[str, int]]:
    """The words that a file uses most."""
    words = path.read_text(encoding="utf-8").lower().split()
    return Counter(word.strip(".,;:!?\"'()") for word in words).most_common(most)
```

Use it in a cell:

```python
common_words(Path("notes.md"))
```

**Regenerate** for a shell script.
''',
    ),
    Script(
        "The other piece of code.",
        HONEST
        + r"""A shell script this time: the ten largest files below a folder.

```bash
#!/usr/bin/env bash
set -euo pipefail

find "${1:-.}" -type f -printf '%s\t%p\n' | sort -rn | head -n 10 | numfmt --field=1 --to=iec
```

And the same thought in JavaScript, to show that each language has its own colours:

```javascript
const largest = files.toSorted((a, b) => b.size - a.size).slice(0, 10);
```
""",
    ),
)

TABLE: Final = (
    Script(
        "A table was asked for.",
        HONEST
        + r"""A table, with columns aligned left, centre and right:

| Planet | Moons | Day (hours) |
|:---|:---:|---:|
| Mercury | 0 | 4,222.6 |
| Venus | 0 | 2,802.0 |
| Earth | 1 | 24.0 |
| Mars | 2 | 24.7 |
| Jupiter | many | 9.9 |

Cells may hold `code`, **emphasis** and mathematics such as $T = 2\pi\sqrt{a^3/GM}$.
""",
    ),
)

HELP: Final = (
    Script(
        "Help was asked for: I list the words I react to, and say what to do next.",
        HONEST
        + r"""I react to a few words, and to nothing else:

| Say | and you see |
|---|---|
| `math` | formulas, in two versions |
| `code` | code, in two versions |
| `table` | a table |
| `long` | a long answer, for trying **Stop** |
| anything else | the tour, in three versions |

For real answers, choose **Set up providers…** in the list of models:

1. a server on this machine (Ollama, LM Studio, vLLM, llama.cpp): it is looked for when you ask;
2. or a provider on the net: enter its key, press **Test**, choose a model.

Your conversations stay where they are: they belong to you, not to a model.
""",
    ),
)

_CHAPTERS: Final = (
    ("The keyboard", "Send with Enter, break the line with Shift and Enter. While I talk you may go on typing your next message."),
    ("Stopping", "The stop button cuts me off at once, and what I have said is kept. *Continue* goes on from exactly there."),
    ("Reloading", "Reload the page now, if you like. The answer belongs to the server, and the panel catches up where it was."),
    (
        "Branches",
        "Every edit and every regeneration is a branch. The conversation is a tree, and you are shown one path through it.",
    ),
    ("Other windows", "Open the same conversation in a second tab: both follow the same answer, and it is made only once."),
    ("Numbers", r"Even in a long answer a formula such as $\varphi = \frac{1 + \sqrt{5}}{2}$ is set as soon as it is complete."),
    ("The end", "This was the last paragraph, so you did not stop me. Say `help` for the other things I can do."),
)
LONG: Final = (
    Script(
        "Something long was asked for, to be stopped or reloaded in the middle.",
        HONEST
        + "A long answer. Stop it, reload the page, or let it run.\n\n"
        + "\n".join(f"### {number}. {title}\n\n{text}\n" for number, (title, text) in enumerate(_CHAPTERS, 1)),
    ),
)

PICTURE: Final = (
    Script(
        "A picture or a file came with the message. A script has no eyes.",
        HONEST + "Your attachment has arrived and is kept with the conversation, but I cannot look at it: I would only pretend. "
        "A model that can see will have it in front of it; they are marked in the list of models.\n",
    ),
)

ALL: Final = (*TOUR, *MATH, *CODE, *TABLE, *HELP, *LONG, *PICTURE)
