"""Which merged changes of policies, attachments, permissions and keys are applied: what is live is
the record's after. Pure.

The states say what of AWS an address is. A change is applied where each policy that it narrowed is
what the record says, or what a later record made of that. It waits where one of them is surely what
it was, and where one cannot be told, nothing else is said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from remediator.audit.changed import ATTACHED, Changed, changed_in, made_by
from remediator.audit.follow import APPLIED, APPLIED_HOW, RESOLVED, Followed, Waiting
from remediator.audit.live_places import (
    INLINE_LABEL,
    Live,
    Placed,
    account_of,
    in_state,
    principal_at,
    split_place,
    spot_of,
)
from remediator.audit.policy_standing import Standing, gone, is_same, standing, statements
from remediator.audit.standing_attached import attached_standing
from remediator.audit.standing_permission import permission_gone
from remediator.model import Json, Record
from remediator.remediate.iam.credential import KEY
from remediator.terraform.address import countless
from remediator.terraform.state import StateResource
from remediator.texts import listed

CLASSES = frozenset(
    {"unused-permissions", "external-access", "open-to-world-policy", "unused-credentials"}
)
PERMISSION, STATUS = "permission", "status"
_WHAT = {ATTACHED: "what is attached live at", STATUS: "the live status of"}
_POLICY, _SEVERAL = "the live policy of", "what is live of"


def follow_policies(
    records: Iterable[Record],
    noted: Callable[[str, str], bool],
    placed: Placed,
    live: Live,
    is_in_code: Callable[[Record], bool],
    at: datetime,
    limit: timedelta,
) -> Followed:
    """`records` are latest first. `is_in_code`: the files are still as the record left them, so
    that what is live and something else is no later change's."""
    notes: dict[str, tuple[tuple[str, str], ...]] = {}
    waiting: list[Waiting] = []
    looking = _Looking(placed, live, is_in_code)
    for record in records:
        if (record.one("Finding-Class") or "") not in CLASSES:
            continue
        commit, own = record.merge or record.commit, [*changed_in(record)]
        if own and not noted(commit, APPLIED):
            found = [looking.standing(one, record) for one in own]
            if all(f is Standing.APPLIED for f in found):
                when = at.strftime("%Y-%m-%dT%H:%M:%SZ")
                notes[commit] = ((APPLIED, when), (APPLIED_HOW, _how(own, record)))
            elif _waits(found, record, is_in_code) and not noted(commit, RESOLVED):
                since = at - record.merged_at
                other = Standing.WAITING not in found
                waiting.append(Waiting(record, since, since > limit, other))
        looking.passed(own)
    return Followed(notes, tuple(waiting))


def _waits(found: Sequence[Standing], record: Record, is_in_code: Callable[[Record], bool]) -> bool:
    if Standing.WAITING in found:
        return True  # whatever is not known of the others
    return Standing.UNKNOWN not in found and is_in_code(record)


def _how(own: Sequence[Changed], record: Record) -> str:
    where = listed(list(dict.fromkeys(one.key for one in own)), 3)
    if not record.all("Resource") and all(one.after is None for one in own):
        return f"no state has {where} any more"
    words = {_WHAT.get(one.label, _POLICY) for one in own}
    return f"{words.pop() if len(words) == 1 else _SEVERAL} {where} is the record's after"


@dataclass(slots=True)
class _Looking:
    """`later`: by place and label, what the records that were passed changed, latest first."""

    placed: Placed
    live: Live
    is_in_code: Callable[[Record], bool]
    later: dict[tuple[str, str], list[Changed]] = field(default_factory=dict)

    def passed(self, own: Iterable[Changed]) -> None:
        for one in own:
            self.later.setdefault((one.key, one.label), []).append(one)

    def standing(self, one: Changed, record: Record) -> Standing:
        root, address = split_place(one.key)
        if address is None or root not in self.placed.single or countless(one.key) != one.key:
            return Standing.UNKNOWN
        there = in_state(root, address, self.placed.index)
        newer = self.later.get((one.key, one.label), ())
        if one.label == ATTACHED:
            where = (root, address, there)

            def asked(change: Changed) -> Standing:
                versions = self._versions(record)
                return attached_standing(change, where, record, self.placed, self.live, versions)

            found = asked(one)
            made = found is Standing.OTHER and any(asked(n) is Standing.APPLIED for n in newer)
            return Standing.APPLIED if made else found
        if there is None:
            is_removed = one.after is None or any(n.after is None for n in newer)
            return self._removed(one, record, root) if is_removed else Standing.UNKNOWN
        if one.label == STATUS and address.type == KEY:
            return self._key(one, there, record, root)
        if one.after is None and not one.label.startswith(INLINE_LABEL):
            return Standing.WAITING  # the state still has it
        return self._policy(one, there, record, root, newer)

    def _policy(
        self,
        one: Changed,
        there: StateResource,
        record: Record,
        root: str,
        newer: Sequence[Changed],
    ) -> Standing:
        spot = spot_of(there, one.label, root, record, self.placed.index)
        document = self.live.policy(spot) if spot is not None else None
        if document is None:
            return Standing.UNKNOWN
        if one.after is None:
            is_there = is_same(one.before, document)
            return Standing.WAITING if is_there else gone(one.before, [document])
        found = standing(one.before, one.after, document)
        # What a later record made of it: whoever applied that has applied this too.
        made = any(_is_made(n, document) for n in newer)
        return Standing.APPLIED if found is Standing.OTHER and made else found

    def _key(self, one: Changed, there: StateResource, record: Record, root: str) -> Standing:
        known = there.attributes
        arn = principal_at("user", known.user, root, record, self.placed.index)
        if arn is None or not known.user or not known.id:
            return Standing.UNKNOWN
        account = account_of(arn, root, self.placed.index)
        status = self.live.key(known.user, known.id, account)
        if status is None:
            return Standing.UNKNOWN
        if status == one.after:
            return Standing.APPLIED
        return Standing.WAITING if status == one.before else Standing.OTHER

    def _removed(self, one: Changed, record: Record, root: str) -> Standing:
        """Of a resource that no state has any more, by all that is live of whom the record
        names. It names nobody where it was seen in the code alone: then, as no later change may
        have moved it, by the state."""
        if not record.all("Resource"):
            is_told = one.after is None and self.is_in_code(record)
            return Standing.APPLIED if is_told else Standing.UNKNOWN
        every: list[Json] = []
        for arn in dict.fromkeys(record.all("Resource")):
            found = self.live.every(arn, account_of(arn, root, self.placed.index))
            if found is None:
                return Standing.UNKNOWN
            every += found
        is_gone = permission_gone if one.label == PERMISSION else gone
        return is_gone(one.before, every)

    def _versions(self, record: Record) -> Callable[[Json], Sequence[Json]]:
        made = made_by(record)

        def versions(document: Json) -> Sequence[Json]:
            keys = [key for key, policy in made.items() if policy == document]
            newer = [n.after for key in keys for n in self.later.get((key, "policy"), ())]
            return [document, *(after for after in newer if after is not None)]

        return versions


def _is_made(one: Changed, live: Json) -> bool:
    if one.after is None:
        return not statements(live)
    return is_same(one.after, live)
