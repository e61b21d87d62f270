"""How far `Estimate` is from real tokenisers: GPT's and an older one of Claude's, as litellm brings them; nothing is fetched.

    python -m tests.bench.counted

Gemini's and the tokenisers of open models are in no package that we have: of them nothing is measured here.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
OTHER_SCRIPTS = {
    "Russian": (
        "Тетрадь считает всё заново, если вы измените первую ячейку. Сохраните её, прежде чем закрыть окно, иначе результаты "
        "последних вычислений будут потеряны. Модель видит только то, что вы ей показали: файлы, вопросы и прежние ответы."
    ),
    "Greek": (
        "Το σημειωματάριο υπολογίζει τα πάντα ξανά, αν αλλάξετε το πρώτο κελί. Αποθηκεύστε το πριν κλείσετε το παράθυρο, αλλιώς "
        "τα αποτελέσματα θα χαθούν. Το μοντέλο βλέπει μόνο όσα του δείξατε."
    ),
    "Chinese": (
        "如果更改第一个单元格,笔记本会重新计算所有内容。关闭窗口之前请先保存,否则最近的计算结果会丢失。模型只能看到您给它看的内容:文件、问题和以前的回答。"
    ),
    "Japanese": (
        "最初のセルを変更すると、ノートブックはすべてを計算し直します。ウィンドウを閉じる前に保存してください。"
        "そうしないと、最近の計算結果が失われます。モデルは、あなたが見せたものだけを見ます。"
    ),
    "Arabic": "إذا غيّرت الخلية الأولى فإن الدفتر يعيد حساب كل شيء. احفظه قبل إغلاق النافذة وإلا ضاعت نتائج الحسابات الأخيرة.",
    "Hindi": "यदि आप पहला सेल बदलते हैं, तो नोटबुक सब कुछ फिर से गिनती है। खिड़की बंद करने से पहले इसे सहेजें, नहीं तो परिणाम खो जाएँगे।",
}


def samples() -> dict[str, str]:
    """Texts of many kinds: this repository's own, and a few sentences in other scripts."""
    german = (ROOT / "llmhub/locale/de_DE/LC_MESSAGES/llmhub.po").read_text()
    return {
        "English prose": "\n".join(path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))[:6]),
        "Python": "\n".join(path.read_text() for path in sorted((ROOT / "llmhub/agents").glob("*.py"))),
        "TypeScript": "\n".join(path.read_text() for path in sorted((ROOT / "labextension/src/model").glob("*.ts"))),
        "JSON": (ROOT / "llmhub/config/llmhub.schema.json").read_text(),
        "German": "\n".join(re.findall(r'^msgstr "(.{40,})"$', german, re.M)),
        **OTHER_SCRIPTS,
    }


def tokenisers() -> dict[str, tuple[str, Callable[[str], int]]]:
    """By name: a model of that family, and what counts."""
    found = importlib.util.find_spec("litellm")
    assert found is not None and found.origin is not None
    here = Path(found.origin).parent / "litellm_core_utils/tokenizers"
    os.environ["TIKTOKEN_CACHE_DIR"] = str(here)
    import tiktoken
    from tokenizers import Tokenizer

    claude = Tokenizer.from_str((here / "anthropic_tokenizer.json").read_text())
    new, old = tiktoken.get_encoding("o200k_base"), tiktoken.get_encoding("cl100k_base")
    return {
        "GPT-4o and later (o200k)": ("openai/gpt-4.1", lambda text: len(new.encode(text, disallowed_special=()))),
        "GPT-4 (cl100k)": ("openai/gpt-4", lambda text: len(old.encode(text, disallowed_special=()))),
        "Claude 2 (the one that is public)": ("anthropic/claude-2", lambda text: len(claude.encode(text).ids)),
    }


def main() -> None:
    from llmhub.providers.estimate import Estimate

    texts = samples()
    print("| " + " | ".join(["estimate / real", *texts]) + " |")
    print("| --- " * (len(texts) + 1) + "|")
    for name, (model, count) in tokenisers().items():
        shares = [f"{Estimate.of(model).text(text) / count(text):.2f}" for text in texts.values()]
        print("| " + " | ".join([name, *shares]) + " |")


if __name__ == "__main__":
    main()
