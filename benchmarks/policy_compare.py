"""Comparing IAM policies: every AWS-managed policy with itself and with slight changes of it.

    python -m benchmarks.policy_compare

Each of the policies that moto carries is compared with itself, with itself less one action, the
other way round, and with itself with one pattern wider. The plain side reads both texts as JSON.
`--each 0` takes every action and every pattern there is, which are some 180,000 pairs.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.measure import Promise
from remediator.access.iam import Answer, compare, parse


@dataclass(frozen=True, slots=True)
class Pair:
    """`effect` is that of the statement that was changed, `pattern` what was changed in it."""

    kind: str
    name: str
    before: str
    after: str
    effect: str = ""
    element: str = ""
    pattern: str = ""
    wider: str = ""


def managed() -> Mapping[str, Any]:
    """The documents of all AWS-managed policies, by name."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found = json.loads(aws_managed_policies_data)
    return {name: one["Document"] for name, one in sorted(found.items())}


def pairs(name: str, document: Any, each: int, chance: random.Random) -> Iterator[Pair]:
    """`each` actions are removed and as many patterns are widened; with 0 all of them."""
    text = json.dumps(document)
    yield Pair("same", name, text, text)
    for place, number in _chosen(list(_spots(document, ("Action",))), each, chance):
        less = deepcopy(document)
        statement = _statements(less)[place[0]]
        gone = _listed(statement["Action"]).pop(number)
        statement["Action"] = [a for a in _listed(statement["Action"]) if a != gone]
        if not statement["Action"]:
            less["Statement"] = [s for s in _statements(less) if s is not statement]
        if less["Statement"]:
            told = (statement["Effect"], "Action", gone)
            yield Pair("less one action", name, text, json.dumps(less), *told)
            yield Pair("one action more", name, json.dumps(less), text, *told)
    for place, number in _chosen(list(_spots(document, ("Action", "Resource"))), each, chance):
        wide = deepcopy(document)
        statement, element = _statements(wide)[place[0]], place[1]
        values = list(_listed(statement[element]))
        old = values[number]
        values[number] = widened(old)
        if values[number] != old:
            statement[element] = values
            wider = (statement["Effect"], element, old, values[number])
            yield Pair("one pattern wider", name, text, json.dumps(wide), *wider)


def widened(pattern: str) -> str:
    """With a star instead of the end of its last part; the same where there is no part."""
    head, colon, last = pattern.rpartition(":")
    if not last or "$" in pattern or pattern.count(":") not in (1, 5):
        return pattern
    return f"{head}{colon}{last[: len(last) // 2].rstrip('*?')}*"


def _spots(document: Any, elements: tuple[str, ...]) -> Iterator[tuple[tuple[int, str], int]]:
    for place, statement in enumerate(_statements(document)):
        for element in elements:
            for number in range(len(_listed(statement.get(element, [])))):
                yield (place, element), number


def _chosen(spots: list[Any], each: int, chance: random.Random) -> list[Any]:
    return chance.sample(spots, each) if 0 < each < len(spots) else spots


def _statements(document: Any) -> Any:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


@dataclass
class Times:
    """Seconds, by what was done: one entry a pair."""

    plain: list[float] = field(default_factory=list)
    reading: list[float] = field(default_factory=list)
    comparing: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def take(self, pair: Pair) -> Answer:
        start = time.process_time()
        _ = json.loads(pair.before), json.loads(pair.after)
        loaded = time.process_time()
        before, after = parse(pair.before), parse(pair.after)
        read = time.process_time()
        answer = compare(after, before).answer
        done = time.process_time()
        self.plain.append(loaded - start)
        self.reading.append(read - loaded)
        self.comparing.append(done - read)
        self.answers[answer] += 1
        return answer

    @property
    def whole(self) -> list[float]:
        return [r + c for r, c in zip(self.reading, self.comparing, strict=True)]


def wrong(pair: Pair, answer: Answer) -> bool:
    """What must not be. An action may be allowed, or a pattern covered, by another one, too."""
    if pair.kind == "same":
        return answer is not Answer.SAME
    less = (pair.kind == "less one action") == (pair.effect == "Allow")
    if pair.kind == "one pattern wider":
        less = pair.effect == "Deny"
    if pair.effect == "Deny":
        return answer is (Answer.WIDER if less else Answer.NARROWER)
    return answer not in (Answer.SAME, Answer.NARROWER) if less else answer is Answer.NARROWER


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the comparing of IAM policies.")
    parser.add_argument("--each", type=int, default=3, help="changes of a kind for each policy")
    parser.add_argument("--policies", type=int, default=0, help="only so many policies")
    given, _ = parser.parse_known_args()
    documents = list(managed().items())
    chance = random.Random(1)  # noqa: S311 - the same pairs every time
    if given.policies:
        documents = chance.sample(documents, given.policies)
    kinds: dict[str, Times] = {}
    mistakes = []
    for name, document in documents:
        for pair in pairs(name, document, given.each, chance):
            if wrong(pair, kinds.setdefault(pair.kind, Times()).take(pair)):
                mistakes.append(f"{pair.kind}: {name}: {pair.pattern}")
    return report(kinds, mistakes, len(documents))


def report(kinds: Mapping[str, Times], mistakes: list[str], policies: int) -> int:
    print(f"\nComparing {policies} AWS-managed policies, processor time, one process")
    print(f"  {'':18} {'pairs':>7} {'median':>9} {'99 %':>9} {'max':>9} {'to JSON':>8}   answers")
    for kind, times in kinds.items():
        _row(kind, times.whole, times.plain, times.answers)
    whole = [t for times in kinds.values() for t in times.whole]
    plain = [t for times in kinds.values() for t in times.plain]
    _row("all, with reading", whole, plain, {})
    _row("json.loads alone", plain, plain, {})
    promises = [
        Promise("a pair, median", median(whole) * 1000, 5, "ms"),
        Promise("a pair, 99th percentile", percentile(whole, 0.99) * 1000, 100, "ms"),
        Promise("answers that must not be", len(mistakes), 0, "pairs"),
    ]
    for line in (*mistakes[:10], *promises):
        print(line)
    return int(not all(p.kept for p in promises))


def _row(name: str, times: list[float], plain: list[float], answers: Mapping[str, int]) -> None:
    shown = (median(times), percentile(times, 0.99), max(times))
    low, high, most = (f"{t * 1000:.2f} ms" for t in shown)
    ratio = f"{sum(times) / sum(plain):.1f}x"
    said = ", ".join(f"{count} {answer}" for answer, count in sorted(answers.items()))
    print(f"  {name:18} {len(times):>7} {low:>9} {high:>9} {most:>9} {ratio:>8}   {said}")


if __name__ == "__main__":
    raise SystemExit(main())
