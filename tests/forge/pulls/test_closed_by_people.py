"""What a person closes stays closed, whoever had closed or opened it before."""

from __future__ import annotations

from pathlib import Path

from runs import world

from remediator.forge.github.there import GONE


def test_one_that_we_closed_and_people_opened_and_closed_again(tmp_path: Path) -> None:
    """The label that says that we closed it is of the first time."""
    with world(tmp_path) as w:
        w.run()
        pull = w.only()
        w.git("fetch", "-q", "origin")
        w.run([])
        assert w.pulls() == []
        w.git("push", "-q", "origin", f"{pull.head.sha}:refs/heads/{pull.head.ref}")
        pull.edit(state="open")
        assert w.run().codes() == {"a": "review"}
        assert [label.name for label in w.only().labels] == ["remediator"]
        w.only().edit(state="closed")
        assert w.run(auto=["a"]).codes() == {"a": "ignored"}
        assert (w.pulls(), w.base_file("a")) == ([], "open")


def test_a_label_alone_does_not_say_that_we_closed_it(tmp_path: Path) -> None:
    """Whoever sorts issues may put it on, and may not write."""
    with world(tmp_path) as w:
        w.run()
        pull = w.only()
        pull.edit(state="closed")
        w.as_pat().create_label(GONE, "ededed")
        pull.add_to_labels(GONE)
        assert w.run(auto=["a"]).codes() == {"a": "ignored"}
        assert w.base_file("a") == "open"


def test_until_when_it_was_ignored_is_over_once_people_open_it(tmp_path: Path) -> None:
    """Whoever closes it later says so anew, and without an end."""
    with world(tmp_path) as w:
        w.run()
        pull = w.only()
        w.comment(pull.number, "/remediator ignore the vendor needs it until 2026-12-01")
        w.later(minutes=1)
        assert w.run().codes() == {"a": "ignored"}
        pull.edit(state="open")
        w.later(minutes=20)
        assert w.run().codes() == {"a": "review"}
        assert "remediator:ignored" not in w.only().body
        assert w.run().writes == ()
        w.only().edit(state="closed")
        w.later(days=5)
        assert w.run(auto=["a"]).codes() == {"a": "ignored"}
        assert w.base_file("a") == "open"


def test_the_word_that_we_closed_it_goes_with_its_label(tmp_path: Path) -> None:
    """Else the label alone would say so again."""
    with world(tmp_path) as w:
        w.run()
        pull = w.only()
        w.git("fetch", "-q", "origin")
        w.run([])
        w.git("push", "-q", "origin", f"{pull.head.sha}:refs/heads/{pull.head.ref}")
        pull.edit(state="open")
        w.run()
        w.only().edit(state="closed")
        pull.add_to_labels(GONE)
        assert w.run(auto=["a"]).codes() == {"a": "ignored"}
        assert w.base_file("a") == "open"
