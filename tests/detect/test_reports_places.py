"""Which file a report means: by the repository's own paths alone, whatever the name."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from remediator.detect.reports.places import by_ending, candidates, segments

PATHS = (
    "main.tf",
    "live/prod/main.tf",
    "live/prod/more.tf",
    "live/dev/more.tf",
    "modules/my mod/main.tf",
    "modules/a%20b/x.tf",
    "etc/passwd.tf",
)
FILES = by_ending(PATHS)


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["live/prod/main.tf"], ["live/prod/main.tf"]),
        (["./live/prod/main.tf"], ["live/prod/main.tf"]),
        (["/live/prod/main.tf"], ["live/prod/main.tf"]),
        (["/src/infra/live/prod/main.tf"], ["live/prod/main.tf"]),
        (["live//prod/./main.tf"], ["live/prod/main.tf"]),
        (["live/dev/../prod/main.tf"], ["live/prod/main.tf"]),
        (["prod/main.tf"], ["live/prod/main.tf"]),
        (["/../../modules/my mod/main.tf"], ["modules/my mod/main.tf"]),
        (["C:\\src\\live\\prod\\main.tf"], ["live/prod/main.tf"]),
        (["C:/src/live/prod/main.tf"], ["live/prod/main.tf"]),
        (["live\\prod\\main.tf"], ["live/prod/main.tf"]),
        (["modules/a%20b/x.tf"], ["modules/a%20b/x.tf"]),
        (["modules/a b/x.tf", "modules/a%20b/x.tf"], ["modules/a%20b/x.tf"]),
        # The absolute name says more than the one that counts from the scanned folder.
        (["/main.tf", "/src/infra/live/prod/main.tf"], ["live/prod/main.tf"]),
        (["more.tf"], ["live/dev/more.tf", "live/prod/more.tf"]),
        (["/more.tf"], ["live/dev/more.tf", "live/prod/more.tf"]),
        (["main.tf"], ["live/prod/main.tf", "main.tf", "modules/my mod/main.tf"]),
        (["/src/infra/main.tf"], ["main.tf"]),
    ],
)
def test_the_files_that_a_name_may_mean(names: list[str], files: list[str]) -> None:
    assert candidates(names, FILES) == tuple(files)


@pytest.mark.parametrize(
    "name",
    [
        *("", "/", ".", "..", "../..", "none.tf", "live/prod", "live/prod/", "ain.tf"),
        *("staging/more.tf", "other/live/staging/more.tf", "LIVE/PROD/MORE.TF"),
        *("/etc/passwd", "live/prod/more.tf\0", "live/prod/more.tf\n", "live/prod/more.tf/x"),
        *("\ud800.tf", "-", "~/more.tf", "$HOME/more.tf", "live/prod/*.tf", "x" * 4000),
    ],
    ids=ascii,
)
def test_names_of_no_file_here(name: str) -> None:
    assert candidates([name], FILES) == ()


def test_no_name_is_no_file() -> None:
    assert candidates([], FILES) == ()
    assert candidates(["main.tf"], {}) == ()


PARTS = strategies.sampled_from(["", ".", "..", "live", "prod", "main.tf", "etc", "~", "\0", "C:"])
NAMES = strategies.lists(PARTS, max_size=8).map("/".join) | strategies.text(max_size=20)


@given(strategies.lists(NAMES, max_size=3))
def test_nothing_but_the_repositorys_own_paths_comes_out(names: list[str]) -> None:
    assert set(candidates(names, FILES)) <= {*PATHS}
    assert all(part not in ("", ".", "..") for name in names for part in segments(name))


@given(strategies.sampled_from(PATHS), strategies.sampled_from(["", "/", "./", "/a/b/", "x/"]))
def test_a_path_below_anything_is_itself(path: str, above: str) -> None:
    found = candidates([above + path], FILES)
    assert path in found
    assert found == (path,) or "/" not in path
