"""Random conversations: trees of any shape with every kind of part, for round trips."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from llmhub.conversations.transfer.bundle import Bundle, FileRef, Origin
from llmhub.conversations.values import FolderSettings, Summary
from llmhub.ids import new_id
from llmhub.messages import (
    Adaptation,
    CitationPart,
    ErrorInfo,
    FilePart,
    ImagePart,
    Message,
    OutputPart,
    Part,
    QuotePart,
    Rating,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    Usage,
)

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf5000000301010018dd8db00000000049"
    "454e44ae426082"
)
BEGUN = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
CODE = "Try:\n\n```python\nx = 1\nprint(x)\n```\n\nand then\n\n```bash\nls\n```\n"
words = st.one_of(
    st.sampled_from(
        [CODE, "Hello", "**bold** <b>x</b>", "$a<b$", "```\nopen fence", "- a\n  ```python\n  y = 2\n  ```\n- b", "\u2028"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
)
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("abc ü", max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=2),
    max_leaves=4,
)
RATINGS = [
    None,
    Rating(value=1, reason="clear", rated_at=BEGUN),
    Rating(value=-1, text='No; \u2028 "wrong"', rated_at=BEGUN),
]
FOLDERS: list[dict[str, Any]] = [
    {},
    {"folder": ("Lab",)},
    {"folder": ("Work", "Öl & Gas"), "folder_settings": (FolderSettings(), FolderSettings(instructions="Be brief", model="lab/x"))},
]
TITLES = ["Ein Titel ä/b", "<script>", "a" * 90, "../..\\x:y", "\u202eabc\u200b", "CON", "=1+1", "\x1b[31mred\x07", "🙂" * 50]
metadata = st.none() | st.dictionaries(st.sampled_from(["anthropic", "openai"]), plain_json, min_size=1, max_size=2)


def file(id: str, data: bytes = PIXEL, name: str = "plot.png", media_type: str = "image/png") -> FileRef:
    return FileRef(id=id, name=name, media_type=media_type, size=len(data), open=lambda: io.BytesIO(data))


@st.composite
def parts(draw: Any, role: str, image: str, paper: str, earlier: list[str]) -> Any:
    bodies = [
        st.builds(TextPart, text=words, provider_metadata=metadata),
        st.just(ImagePart(file_id=image, media_type="image/png")),
        st.just(FilePart(file_id=paper, name="a b.txt", media_type="text/plain")),
    ]
    if earlier:
        bodies.append(st.builds(QuotePart, message_id=st.sampled_from(earlier), text=words))
    if role == "assistant":
        output = st.sampled_from(
            [
                OutputPart(mime_bundle={"text/plain": "42"}),
                OutputPart(
                    mime_bundle={"image/png": "iVBORw0KGgo=", "text/plain": ["a\n", "b"]}, metadata={"image/png": {"width": 3}}
                ),
                OutputPart(mime_bundle={"application/vnd.jupyter.stdout": "said\n"}),
                OutputPart(mime_bundle={"application/vnd.jupyter.error": {"ename": "E", "evalue": "v", "traceback": ["t"]}}),
            ]
        )
        bodies += [
            st.builds(ReasoningPart, text=words, duration_ms=st.none() | st.just(12.5), provider_metadata=metadata),
            output,
            st.builds(
                ToolCallPart,
                call_id=st.just("c1"),
                name=st.just("run"),
                arguments=st.sampled_from(['{"code": "1 + 1"}', "{", "{}"]),
            ),
            st.builds(ToolResultPart, call_id=st.just("c1"), ok=st.booleans(), parts=st.lists(output, max_size=2).map(tuple)),
            st.builds(CitationPart, file_id=st.just(paper), title=words, locator=st.just("https://example.org/a"), quote=words),
        ]
    return tuple(draw(st.lists(st.one_of(bodies), min_size=1, max_size=4)))


@st.composite
def bundles(draw: Any, most: int = 8) -> Bundle:
    """Trees with roots, branches and answers of every kind; ids are real ones."""
    image, paper = new_id(), new_id()
    messages: list[Message] = []
    for number in range(draw(st.integers(0, most))):
        parent = draw(st.sampled_from([None, *messages])) if messages else None
        role = "assistant" if parent is not None and parent.role == "user" and draw(st.booleans()) else "user"
        answer = role == "assistant"
        messages.append(
            Message(
                id=new_id(),
                conversation_id="c",
                parent_id=parent.id if parent else None,
                role=role,
                status=draw(st.sampled_from(["complete", "stopped", "failed"])) if answer else "complete",
                model="lab/x" if answer else None,
                parts=draw(parts(role, image, paper, [each.id for each in messages])),
                usage=draw(st.none() | st.just(Usage(input_tokens=3, cost_usd=0.25))) if answer else None,
                finish_reason="stop" if answer else None,
                error=draw(st.none() | st.just(ErrorInfo(code="x", message="No", details={"a": None}))) if answer else None,
                created_at=BEGUN + timedelta(seconds=number),
                instruction=draw(st.none() | st.just("Shorter")) if answer else None,
                adapted=draw(st.sampled_from([(), (Adaptation(what="image", how="left_out", why="no_images"),)])) if answer else (),
                pinned=draw(st.booleans()),
                starred=draw(st.booleans()),
                rating=draw(st.sampled_from(RATINGS)) if answer else None,
            )
        )
    inner = {message.parent_id for message in messages}
    leaves = [message.id for message in messages if message.id not in inner]
    summaries = [
        Summary(id=new_id(), conversation_id="c", message_id=id, text="All of it", model="lab/x", messages=2, tokens_before=9,
                tokens_after=3, created_at=BEGUN)
        for id in leaves[:1] if draw(st.booleans())
    ]  # fmt: skip
    return Bundle(
        origin=Origin("llmhub", new_id()),
        title=draw(st.none() | st.sampled_from(TITLES)),
        model=draw(st.none() | st.just("lab/x")),
        params=draw(st.sampled_from([{}, {"temperature": 0.5, "stop": ["a"]}])),
        created_at=BEGUN,
        updated_at=BEGUN + timedelta(minutes=1),
        **draw(st.sampled_from(FOLDERS)),
        tags=draw(st.sampled_from([(), ("a", "b c")])),
        pinned=draw(st.booleans()),
        archived=draw(st.booleans()),
        head=draw(st.sampled_from(leaves)) if leaves else None,
        messages=tuple(messages),
        files=(file(image), file(paper, b"on paper\n", "a b.txt", "text/plain")),
        summaries=tuple(summaries),
    )


def same(one: Bundle, other: Bundle) -> None:
    """Whether both are the same conversation, files by their bytes."""
    for name in (
        "origin",
        "title",
        "model",
        "created_at",
        "updated_at",
        "folder",
        "folder_settings",
        "tags",
        "pinned",
        "archived",
        "head",
    ):
        assert getattr(one, name) == getattr(other, name), name
    assert dict(one.params) == dict(other.params)
    bare = {"conversation_id": "", "sibling_ids": (), "run_id": None}
    assert [m.model_copy(update=bare) for m in one.messages] == [m.model_copy(update=bare) for m in other.messages]
    assert [s.model_copy(update={"conversation_id": ""}) for s in one.summaries] == [
        s.model_copy(update={"conversation_id": ""}) for s in other.summaries
    ]


TALK = "01a1ffc1-cf11-721a-8ba0-39479e65e021"
ANSWER = """First:

```python
x = 20
```

Then, in a list:

1. add
   ```python
   y = x + 1
   ```
   and mind that
2. show

```bash
echo from bash
```

```sql
SELECT 1
```

```py
print(y * 2)
```
Done. <script>alert(1)</script>"""


def said(number: int, role: str, *parts: Part, parent: int | None = None, **more: Any) -> Message:
    return Message(
        id=f"m{number}",
        conversation_id=TALK,
        parent_id=None if parent is None else f"m{parent}",
        role=role,  # type: ignore[arg-type]
        status="complete",
        model="lab/qwen" if role == "assistant" else None,
        parts=parts,
        created_at=BEGUN + timedelta(seconds=number),
        **more,
    )


def talk() -> Bundle:
    """Code in lists and other languages, outputs, a tool, files, a citation, a branch."""
    output = OutputPart(mime_bundle={"application/vnd.jupyter.stdout": "42\n"})
    paper = FilePart(file_id="txt", name="a.txt", media_type="text/plain")
    messages = (
        said(0, "user", TextPart(text="Count!\n\n```python\nraise SystemExit\n```"), ImagePart(file_id="pic"), paper),
        said(1, "assistant", ReasoningPart(text="Hm", duration_ms=1000), TextPart(text=ANSWER), output, parent=0),
        said(2, "assistant", TextPart(text="Another\n\n```python\nz = 1\n```"), parent=0),
        said(3, "user", TextPart(text="And now?"), parent=1),
        said(
            4,
            "assistant",
            ToolCallPart(call_id="c", name="run", arguments=json.dumps({"code": "y + 1"})),
            ToolResultPart(call_id="c", ok=True, parts=(OutputPart(mime_bundle={"text/plain": "22"}),)),
            TextPart(text="It is 22."),
            CitationPart(file_id="f", title="Numbers", locator="https://example.org/n", quote="22 is even"),
            parent=3,
        ),
    )  # fmt: skip
    return Bundle(
        origin=Origin("llmhub", TALK),
        title="Counting",
        created_at=BEGUN,
        updated_at=BEGUN,
        head="m4",
        messages=messages,
        files=(file("pic"), file("txt", b"hello", "a.txt", "text/plain")),
    )
