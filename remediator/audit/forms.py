"""The report in each of the forms that it is asked for in."""

from __future__ import annotations

from typing import TextIO

from remediator.audit.report import Report, as_csv, as_json


def write(report: Report, form: str, out: TextIO) -> None:
    """`form`: table, json, csv or html. Raises ValueError for another."""
    if form == "json":
        out.write(as_json(report))
    elif form == "csv":
        out.write(as_csv(report))
    elif form == "html":
        from remediator.audit.page import as_html  # its templates take a while to load

        out.write(as_html(report))
    elif form == "table":
        from remediator.audit.table import write_table

        write_table(report, out)
    else:
        raise ValueError(f"no such format: {form}")
