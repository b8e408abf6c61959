"""Every function by its name.

https://developer.hashicorp.com/terraform/language/functions

What is not here is not evaluated: what depends on the time, on chance, on the machine or on
Terraform's version (`timestamp`, `uuid`, `bcrypt`, `abspath`, `fileset`, `yamlencode` …), and
what providers bring along.
"""

from __future__ import annotations

from remediator.terraform.functions import (
    choices,
    cidr,
    encoding,
    files,
    format,
    json_text,
    maps,
    numbers,
    regex,
    searching,
    sequences,
    sets,
    strings,
    yaml_text,
)
from remediator.terraform.functions.call import Call
from remediator.terraform.functions.choices import failing
from remediator.terraform.functions.signature import Function
from remediator.terraform.value import Unknown, Value

FUNCTIONS: dict[str, Function] = {
    **choices.FUNCTIONS,
    **cidr.FUNCTIONS,
    **encoding.FUNCTIONS,
    **files.FUNCTIONS,
    **format.FUNCTIONS,
    **json_text.FUNCTIONS,
    **maps.FUNCTIONS,
    **numbers.FUNCTIONS,
    **regex.FUNCTIONS,
    **searching.FUNCTIONS,
    **sequences.FUNCTIONS,
    **sets.FUNCTIONS,
    **strings.FUNCTIONS,
    **yaml_text.FUNCTIONS,
}
_TOLERANT = ("try", "can")
"""All others fail with any of their arguments."""


def call(call: Call) -> Value:
    """What the function makes of its arguments."""
    name = call.name.removeprefix("core::")
    function = FUNCTIONS.get(name)
    if function is None:
        return Unknown(f"`{call.name}()` is not evaluated", call.expression)
    if name not in _TOLERANT:
        failed = next((f for f in map(failing, call.arguments) if f), None)
        if failed:
            return failed
    return function(call)
