"""CODEOWNERS as the stand-in reads them: the cases of GitHub's own page."""

from __future__ import annotations

import pytest

from remediator.embedded.github.codeowners import matches


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        ("*", "any/where.tf", True),
        ("*.js", "app/index.js", True),
        ("*.js", "app/index.ts", False),
        ("/build/logs/", "build/logs/one/two.log", True),
        ("/build/logs/", "other/build/logs/one.log", False),
        ("docs/*", "docs/getting-started.md", True),
        ("docs/*", "docs/build-app/troubleshooting.md", False),
        ("apps/", "some/apps/main.tf", True),
        ("/apps/", "some/apps/main.tf", False),
        ("**/logs", "deeply/nested/logs/one.log", True),
        ("/scripts", "scripts/run", True),
        ("main.tf", "live/prod/main.tf", True),
        ("/live/**/main.tf", "live/a/b/main.tf", True),
        ("live/prod", "live/production/main.tf", False),
    ],
)
def test_a_pattern_owns_what_github_says(pattern: str, path: str, owned: bool) -> None:
    assert matches(pattern, path) is owned
