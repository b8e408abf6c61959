"""At most so many changes: a number, or a share of a root's identities."""

from __future__ import annotations

import pytest

from remediator.evaluate.ceiling import NO_CEILING, Ceiling


def many(number: int) -> dict[str, set[str]]:
    return {"live/prod": {f"role-{n}" for n in range(number)}}


@pytest.mark.parametrize(
    ("limit", "changes", "changed", "identities", "beyond"),
    [
        (None, 1000, 1000, 1000, False),
        (3, 3, 3, 100, False),
        (3, 4, 4, 100, True),
        ("10%", 10, 10, 100, False),
        ("10%", 11, 11, 100, True),
        ("10%", 1, 1, 9, True),
        ("10%", 500, 0, 0, False),
        ("100%", 5, 5, 0, False),  # a state that nobody could read has at least these
        ("50%", 5, 5, 0, True),
    ],
)
def test_beyond(
    limit: int | str | None, changes: int, changed: int, identities: int, beyond: bool
) -> None:
    ceiling = Ceiling.of(limit)
    found = many(changed) if changed else {}
    assert (ceiling.beyond(changes, found, lambda root: identities) is not None) is beyond


def test_without_a_limit_nothing_is_counted() -> None:
    assert not NO_CEILING.is_set
    assert Ceiling.of(None) == NO_CEILING


def test_the_root_is_named() -> None:
    text = Ceiling.of("10%").beyond(2, {"": {"a", "b"}}, lambda root: 4)
    assert text is not None
    assert "2 of the 4 identities of the top folder" in text
