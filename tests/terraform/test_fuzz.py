"""Random, broken and hostile files through the parser, the editor, the evaluator and the loop.

No time is measured: what must not take long would not end at all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice

import pytest
from bombs import BOMBS
from fuzzing import SEEDS, Repository, evaluated, fixed, mutated_files, mutated_repositories
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.fidelity.checks import outside_is_identical, says_what_was_meant
from benchmarks.fidelity.places import Picker, attempts, attempts_in_json
from remediator.model import Kind, Refusal, SourceError
from remediator.terraform.configurations import Configurations
from remediator.terraform.content import json_source
from remediator.terraform.edit import splice
from remediator.terraform.evaluate import evaluate
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules
from remediator.terraform.syntax import parse, references
from remediator.terraform.value import MAX_SIZE, size_of
from remediator.tree import MemoryTree

THOROUGH = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
WHOLE = settings(THOROUGH, max_examples=60)


# Any bytes ---------------------------------------------------------------------------------


@given(st.binary(max_size=300))
@THOROUGH
def test_random_bytes_are_refused_or_read(data: bytes) -> None:
    read(data)


@given(st.text(max_size=200))
@THOROUGH
def test_random_text_is_refused_or_read(text: str) -> None:
    read(text.encode(errors="surrogatepass"))


@given(mutated_files())
@THOROUGH
def test_a_broken_file_is_refused_or_read(made: tuple[str, bytes]) -> None:
    read(made[1])


def read(data: bytes) -> None:
    """As native and as JSON syntax; whoever is refused is told where."""
    for open_file in (parse, json_source):
        error = refusal(partial(open_file, "main.tf", data))
        if error is not None:
            assert 1 <= error.line <= data.count(b"\n") + 1
            assert error.column >= 1
            assert error.text
        elif open_file is parse:
            assert all(r.start < r.end <= len(data) for r in references(parse("a", data)))


def refusal(attempt: Callable[[], object]) -> SourceError | None:
    try:
        attempt()
    except SourceError as error:
        return error
    return None


@pytest.mark.parametrize("path", sorted(SEEDS))
def test_every_truncation_is_refused_or_read(path: str) -> None:
    for end in range(len(SEEDS[path])):
        read(SEEDS[path][:end])


# The editor --------------------------------------------------------------------------------


@given(mutated_files(), st.integers(0, 9))
@WHOLE
def test_what_still_parses_can_still_be_edited(made: tuple[str, bytes], seed: int) -> None:
    """Every kind of edit, and each of them does what it says, or raises for what cannot be."""
    path, data = made
    is_json = path.endswith(".json")
    picker = Picker(str(seed), 1)
    try:
        some = list(
            attempts_in_json(path, data, picker) if is_json else attempts(parse(path, data), picker)
        )
    except SourceError:
        return
    for attempt in some:
        edits = attempt.make()
        after = splice(data, edits)
        (json_source if is_json else parse)(path, after)
        assert outside_is_identical(data, after, edits), attempt.kind
        assert says_what_was_meant(data, after, attempt.parts), attempt.kind


# The evaluator and the loop ----------------------------------------------------------------


def test_the_seeds_are_whole() -> None:
    """They reach the evaluator, and there is something to close in them."""
    evaluated(SEEDS)
    assert {o.kind for o in fixed(SEEDS)} & {Kind.MERGED, Kind.PROPOSED}


@given(mutated_repositories())
@WHOLE
def test_a_broken_repository_is_evaluated_as_far_as_it_goes(files: Repository) -> None:
    evaluated(files)


@given(mutated_repositories())
@WHOLE
def test_a_broken_repository_is_fixed_as_far_as_it_goes(files: Repository) -> None:
    fixed(files)


# What would never end ------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_never_end_comes_to_an_end(name: str) -> None:
    files = {path: text.encode() for path, text in BOMBS[name]().items()}
    evaluated(files)
    fixed(files)


@pytest.mark.parametrize("name", [name for name in BOMBS if name.startswith("growing")])
def test_what_grows_without_end_stays_small_enough_to_look_at(name: str) -> None:
    files = {path: text.encode() for path, text in BOMBS[name]().items()}
    tree = MemoryTree(files)
    configuration = Configurations(Sources(tree), Modules(tree), {}).of("")
    for module in islice(configuration.modules(), 100):
        if not isinstance(module.declared, Refusal):
            for local in module.declared.locals.values():
                assert size_of(evaluate(local, module.scope)) <= MAX_SIZE
