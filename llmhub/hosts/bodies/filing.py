"""Bodies of what puts conversations in order: folders, tags, changes of many at once."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ...conversations.filters import Filter
from ...conversations.values import Changed, Folder, FolderDraft, TagCount
from ...messages import Value
from .fields import Id, Listed, Model, RequestId, Tag, stripped

Instructions = Annotated[str, Field(max_length=100_000)]
FolderName = Annotated[str, Field(max_length=200), AfterValidator(stripped)]


class FolderStart(Value):
    """A folder to be made, below `parent_id`; absent: at the top."""

    client_request_id: RequestId | None = None
    name: FolderName
    parent_id: Id | None = None
    instructions: Instructions | None = None
    model: Model | None = None

    def draft(self) -> FolderDraft:
        """What is to be stored."""
        said = (self.instructions or "").strip() or None
        return FolderDraft(name=self.name, parent_id=self.parent_id, instructions=said, model=self.model)


class FolderChanges(Value):
    """What is to be different; what is absent stays. `position`: its place among its siblings, from 0."""

    name: FolderName = ""
    parent_id: Id | None = None
    position: Annotated[int, Field(ge=0, le=10_000)] = 0
    instructions: Instructions | None = None
    model: Model | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        changed = self.model_dump(exclude_unset=True)
        if "instructions" in changed:
            changed["instructions"] = (self.instructions or "").strip() or None
        return changed


class FolderDeletion(Value):
    """What becomes of what is in it: it goes up to the folder above, or is deleted too."""

    contents: Literal["move", "delete"] = "move"


class TagRenaming(Value):
    """Another name for a tag everywhere; where both are, one is left."""

    tag: Tag
    name: Annotated[str, Field(max_length=100), AfterValidator(stripped)]


class TagQuery(Value):
    """Which tag."""

    tag: Tag


class ManyFilter(Value):
    """Which conversations: all conditions hold together, and at least one is there. As in `GET conversations`."""

    query: Annotated[str, Field(max_length=1000, description="part of the title")] | None = None
    folder_id: Id | None = None
    subfolders: bool = False
    unfiled: bool = False
    tag: Tag | None = None
    pinned: bool | None = None
    archived: bool | None = None
    unread: bool | None = None
    running: bool | None = None
    model: Model | None = None

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        if not self.model_dump(exclude={"subfolders"}, exclude_none=True, exclude_defaults=True):
            raise ValueError("names no condition; say archived: false for all that are not in the archive")
        return self

    def filter(self) -> Filter:
        """As the store takes it."""
        return Filter(**self.model_dump())


Tags = Annotated[tuple[Tag, ...], Field(max_length=100)]


class ManyChanges(Value):
    """What is to be different of many conversations; what is absent stays."""

    folder_id: Id | None = None
    tags: Tags = ()
    add_tags: Tags = ()
    remove_tags: Tags = ()
    pinned: bool = False
    archived: bool = False
    unread: bool = False
    model: Model | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        return self.model_dump(exclude_unset=True)


class OneOfMany(Value):
    """One conversation and changes of its own."""

    id: Id
    changes: ManyChanges


class Many(Value):
    """Which conversations (`ids` or `filter`), and what is done with them (`changes` or `delete`).

    Or `each` with changes of its own.
    """

    ids: Annotated[tuple[Id, ...], Field(max_length=1000)] | None = None
    filter: ManyFilter | None = None
    each: Annotated[tuple[OneOfMany, ...], Field(max_length=1000)] | None = None
    changes: ManyChanges | None = None
    delete: bool = False

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(given is not None for given in (self.ids, self.filter, self.each)) != 1:
            raise ValueError("give one of ids, filter and each")
        if self.each is not None:
            if self.changes is not None or self.delete:
                raise ValueError("each has changes of its own; give neither changes nor delete beside it")
        elif (self.changes is not None) == self.delete:
            raise ValueError("give either changes or delete: true")
        return self


class ManyDone(Value):
    """What became of each: what it was like before, or why nothing was done."""

    items: tuple[Changed, ...]
    failed: int


class Folders(Listed[Folder]):
    """All folders, siblings in their order."""


class TagCounts(Listed[TagCount]):
    """All tags, the most used first."""
