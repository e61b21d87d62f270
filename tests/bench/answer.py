"""A long answer as models write them: headings, prose, lists, code, tables, formulas. The same each time, cut into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

TOPICS = (
    "gradient descent", "a write-ahead log", "the Fourier transform", "a hash join", "ridge regression", "an event loop",
    "Bayes' theorem", "a B-tree", "the bootstrap", "memory mapping", "principal components", "a bloom filter",
)  # fmt: skip
CODE = (
    ("python", "def step_{n}(weights: np.ndarray, rate: float = 1e-3) -> np.ndarray:\n    # one step downhill\n"
     "    gradient = 2 * X.T @ (X @ weights - y) / len(y)\n    if not np.isfinite(gradient).all():\n"
     '        raise ValueError(f"step {n} diverged")\n    return weights - rate * gradient'),
    ("sql", "SELECT site, date_trunc('day', taken_at) AS day, avg(value) AS mean_{n}\nFROM measurement AS m\n"
     "JOIN station USING (station_id)\nWHERE value BETWEEN 0 AND {n}000\nGROUP BY site, day\nORDER BY day DESC;"),
    ("javascript", "export async function* lines{n}(stream) {{\n  let rest = '';\n  for await (const piece of stream) {{\n"
     "    const all = (rest + piece).split('\\n');\n    rest = all.pop() ?? '';\n    yield* all;\n  }}\n}}"),
    ("bash", "set -euo pipefail\nfor file in data/run-{n}/*.csv; do\n"
     "  sort -u \"$file\" | gzip -9 > \"out/$(basename \"$file\").gz\"\ndone"),
)  # fmt: skip
FORMULAS = (
    r"\hat\beta_{{{n}}} = (X^\top X + \lambda I)^{{-1}} X^\top y",
    r"\int_{{-\infty}}^{{\infty}} e^{{-x^2/{n}}}\,dx = \sqrt{{{n}\pi}}",
    r"P(\theta \mid D) = \frac{{P(D \mid \theta)\,P(\theta)}}{{\sum_{{k=1}}^{{{n}}} P(D \mid \theta_k)\,P(\theta_k)}}",
    r"\begin{{pmatrix}} a_{{{n}}} & b \\ c & d \end{{pmatrix}} \begin{{pmatrix}} x \\ y \end{{pmatrix}} = \lambda v",
)
SECTION = """{marks} {n}. What {topic} does

It helps to think of **{topic}** as a sequence of small, *reversible* decisions: each costs $O(n \\log n)$ at worst, and none needs
more than `{n}` passes over the data. See [the notes](https://example.org/{n}) for where $\\sigma_{{{n}}}^2$ comes from, and
why it is usually smaller than one would expect from the first measurements alone.

1. Read the input once, and keep only what the next step asks for.
2. Compare it with what was seen before:
   - equal values are counted,
   - others go to the end of the queue.
3. Stop as soon as the error is below $\\varepsilon = 10^{{-{digit}}}$.

```{language}
{code}
```

The same in numbers, measured on a laptop and on one node of the cluster:

| Size | Time (ms) | Memory (MB) | Error |
|---:|---:|---:|:---|
| 1{n} | 0.{n} | 12 | $10^{{-2}}$ |
| 10{n} | 3.{n} | 48 | $10^{{-4}}$ |
| 100{n} | 41.{n} | 190 | not measured |

Written out, this is

$$
{formula}
$$

> In practice {topic} is rarely what is slow; look at the reads first.

"""


def sections() -> Iterator[str]:
    """One after the other, without end."""
    for n in count(1):
        language, code = CODE[n % len(CODE)]
        yield SECTION.format(
            marks="#" * (2 + n % 2),
            n=n,
            digit=2 + n % 7,
            topic=TOPICS[n % len(TOPICS)],
            language=language,
            code=code.format(n=n),
            formula=FORMULAS[n % len(FORMULAS)].format(n=n),
        )


def tokens(number: int) -> list[str]:
    """An answer of so many tokens, of about five characters each as with real tokenisers."""
    said: list[str] = []
    for section in sections():
        more = cut(section)
        if len(said) + len(more) > number:
            break
        said += more
    words = cut("And so it goes on, word after word, until all has been said that was to be said about it. ")
    return said + [words[index % len(words)] for index in range(number - len(said))]


def cut(text: str) -> list[str]:
    """Words with the space before them, long ones in two; joined, they are the text."""
    return re.findall(r"\s*[^\s]{1,7}|\s+$", text)
