"""`terraform fmt` as the judge of policies: what was clean before an edit is clean after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_aws_managed
import test_external_access
import test_policies_in_code
import test_unused_credentials
import test_unused_permissions
from test_fmt_clean import unclean


def swapped(text: str, swaps: tuple[tuple[str, str], ...]) -> str:
    for old, new in swaps:
        text = text.replace(old, new)
    return text


def pairs() -> Iterator[tuple[str, str]]:
    """Each native file that a case changes, before and after."""
    for case in test_unused_permissions.REWRITTEN.values():
        for path, text in test_unused_permissions.by_path(case.files).items():
            if path.endswith(".tf"):
                yield text, swapped(text, case.swaps)
    for outside in test_external_access.REWRITTEN.values():
        yield outside.before, outside.before.replace(outside.old, outside.new)
    yield from test_policies_in_code.WORLD.values()
    yield from test_unused_credentials.REWRITTEN.values()
    replaced = "aws_iam_policy.amazonsqsfullaccess_used_by_app.arn"
    after = test_aws_managed.ROLE + test_aws_managed.ATTACHED.format(replaced)
    yield test_aws_managed.SOURCE, after + test_aws_managed.REPLACED


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs terraform on PATH")
def test_what_was_clean_stays_clean(tmp_path: Path) -> None:
    found = [*pairs()]
    before = unclean(tmp_path / "before", [was for was, _ in found])
    after = unclean(tmp_path / "after", [now for _, now in found])
    assert [found[n][1] for n in sorted(after - before)] == []
    assert len(before) < len(found) / 2
