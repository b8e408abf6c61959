"""doctor, `github.sign_commits`: commits that GitHub makes for the App are by its own address.

https://docs.github.com/en/account-and-profile/reference/email-addresses-reference: it is
`ID+LOGIN@users.noreply.github.com`, and an App's login ends in `[bot]`. A branch is ours where its
commit is by `identity.email`; with another address each run would take its own for somebody else's.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from remediator.commands.checkup import Item, Level
from remediator.forge.github.calls import Calls, RefusedError

_AREA = "github"
_ADDRESS = re.compile(
    r"(?P<id>\d+)\+(?P<login>[A-Za-z0-9-]+\[bot\])@users\.noreply\.[A-Za-z0-9.-]+"
)


def author(calls: Calls, email: str) -> Item:
    """Whether `email` is that of an App that is there. Raises UpstreamError."""
    found = _ADDRESS.fullmatch(email)
    if found is None:
        return _wrong(f"{email} is no App's address")
    try:
        number = calls.get(f"/users/{quote(found['login'], safe='')}")["id"]
    except RefusedError as refused:
        if refused.status != 404:
            raise
        return _wrong(f"there is no {found['login']}")
    if str(number) != found["id"]:
        return _wrong(f"{found['login']} has the number {number}, and not {found['id']}")
    return Item(
        _AREA, Level.OK, f"GitHub signs commits as {found['login']}, as identity.email says"
    )


def _wrong(why: str) -> Item:
    advice = (
        "set `identity.email` to ID+SLUG[bot]@users.noreply.github.com; the number is the `id` in "
        "https://api.github.com/users/SLUG%5Bbot%5D"
    )
    text = f"commits are signed by GitHub (github.sign_commits), and {why}: a run would take its "
    return Item(_AREA, Level.WARN, f"{text}own branches for somebody else's", advice)
