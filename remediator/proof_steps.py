"""Steps of a proof that do not depend on how the change was found."""

from __future__ import annotations

import json

from remediator.model import Check, Json, Patch, Refusal
from remediator.tree import Tree


def unproven(code: str, text: str) -> Refusal:
    return Refusal("prove", code, f"{text}; nothing was written. This needs a person")


def canonical_text(document: Json) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def outside(patch: Patch, was_tree: Tree, now_tree: Tree) -> Check | Refusal:
    """(b) What lies between the edits is the same, counted from both ends."""
    for path in patch.files:
        before, after = was_tree.read(path), now_tree.read(path)
        was = now = 0
        for edit in (e for e in patch.edits if e.file == path):
            kept = edit.start - was
            if before[was : edit.start] != after[now : now + kept]:
                return unproven("bytes-outside", f"{path} differs outside the edits")
            was, now = edit.end, now + kept + len(edit.text)
        if before[was:] != after[now:]:
            return unproven("bytes-outside", f"{path} differs after the last edit")
    return Check.passed("bytes-outside", "identical outside the edits")
