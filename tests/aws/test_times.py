"""Times are what botocore would have made of them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.utils import parse_timestamp

from remediator.aws.times import read_time


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-30T06:04:35Z",
        "2026-11-30T06:04:35.123Z",
        "2026-11-30T06:04:35.123456+00:00",
        "2026-11-30T08:04:35+02:00",
        "20261130T060435Z",
        "Mon, 30 Nov 2026 06:04:35 GMT",
        1796018675,
        1796018675.25,
        "1796018675",
        0,
    ],
)
def test_a_time(value: Any) -> None:
    expected = parse_timestamp(value)
    assert read_time(value) == expected
    assert read_time(value).utcoffset() == expected.utcoffset()


def test_one_without_a_zone_stays_without_one() -> None:
    assert read_time("2026-11-30T06:04:35") == parse_timestamp("2026-11-30T06:04:35")


@pytest.mark.parametrize("value", ["", "yesterday evening", None])
def test_what_is_no_time_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="Invalid timestamp"):
        read_time(value)
