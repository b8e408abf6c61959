"""Terraform's JSON syntax: enough is read of it to keep away."""

from __future__ import annotations

import pytest

from remediator.terraform.json_syntax import declares, mentions, read

ADDRESS = "aws_security_group.web"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"resource": {"aws_security_group": {"web": {}}}}', True),
        ('{"resource": [{"aws_security_group": [{"web": [{}]}]}]}', True),
        ('{"resource": {"x": {}}, "resource": {"aws_security_group": {"web": {}}}}', True),
        ('{"resource": {"aws_security\\u005fgroup": {"web": {}}}}', True),
        ('{"resource": {"aws_security_group": {"web2": {}}}}', False),
        ('{"data": {"aws_security_group": {"web": {}}}}', False),
        ('{"resource": {"aws_security_group": "web"}}', False),
        ("{}", False),
        ("[]", False),
        ('"x"', False),
        ("null", False),
    ],
)
def test_declares(text: str, answer: bool) -> None:
    assert declares(read(text.encode()), ADDRESS) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('["${aws_security_group.web.id}"]', True),
        ('["aws_security_group.web"]', True),
        ('["${resource.aws_security_group.web[0].id}"]', True),
        ('{"a": {"aws_security_group.web": 1}}', True),
        ('["${aws_security_group.web2.id}"]', False),
        ('["${my_aws_security_group.web.id}"]', False),
        ('["${aws_security_group.web-2.id}"]', False),
        ('{"resource": {"aws_security_group": {"web": {}}}}', False),
    ],
)
def test_mentions(text: str, answer: bool) -> None:
    assert mentions(read(text.encode()), ADDRESS) is answer


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff\xfe\xfd", b"x"])
def test_what_is_not_json(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(data)
