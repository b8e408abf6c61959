"""What a record says of places and of the access at them, taken apart."""

from __future__ import annotations

import json

from remediator.model import Json
from remediator.terraform.address import Address, countless, module_steps
from remediator.tracing import MODULE


def access_in(text: str | None) -> dict[str, Json] | None:
    """A record's Before or After; None where it is no access."""
    try:
        found: Json = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def document(text: str | None) -> dict[str, Json]:
    """As `access_in`; empty where it is none."""
    return access_in(text) or {}


def gave_way(before: dict[str, Json], after: dict[str, Json]) -> str | None:
    """What was not known of the access before, and has something else in its place."""
    for address, was in before.items():
        now = after.get(address)
        if not isinstance(was, dict) or not isinstance(now, dict):
            continue
        fresh = {*now} - {*was}
        for label, value in was.items():
            unread = isinstance(value, dict) and {*value} == {"not_evaluated"}
            if unread and (now[label] != value if label in now else fresh):
                return f"{label} of {address}"
    return None


def split_place(text: str) -> tuple[str, str]:
    """The root and the address of what `model.place` has put together."""
    at = text.find(":")
    while at >= 0:
        if kind_of(text[at + 1 :]) is not None:
            return text[:at], text[at + 1 :]
        at = text.find(":", at + 1)
    return "", text


def kind_of(address: str) -> str | None:
    """The resource type, MODULE for a module's call, None for what is no address."""
    bare = countless(address)
    try:
        return Address.parse(bare).type
    except ValueError:
        pass
    try:
        return MODULE if module_steps(bare) else None
    except ValueError:
        return None
