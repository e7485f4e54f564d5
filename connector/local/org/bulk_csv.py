"""The CSV dialect of Bulk API 2.0: what a line of the upload means, and how results are written.

An empty cell says nothing about its field, `#N/A` empties it, `Account__r.Key__c` names a parent by its external id.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

DELIMITERS = {"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_LONGEST_HEADER = 32_000
_NULL = "#N/A"
_SPACE_BY_QUOTE = re.compile(r'(^|[,;|\t^`\n])[ ]+"')


class BulkCsvError(Exception):
    """An upload that cannot be processed; the job fails with this message."""


def parse(raw: bytes, delimiter: str, line_ending: str) -> tuple[list[str], list[list[str]]]:
    """The header and the lines. `delimiter` and `line_ending` as a job states them. Raises BulkCsvError."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BulkCsvError("InvalidBatch : The file is not UTF-8.") from error
    header_line = text.partition("\n")[0]
    if header_line.endswith("\r") is not (line_ending == "CRLF"):
        message = f"InvalidBatch : LineEnding is invalid on user data. Current LineEnding setting is {line_ending}"
        raise BulkCsvError(message)
    if len(header_line) > _LONGEST_HEADER:
        raise BulkCsvError(f"InvalidBatch : The header is longer than {_LONGEST_HEADER} characters.")
    if _SPACE_BY_QUOTE.search(text):
        raise BulkCsvError("InvalidBatch : There is a space beside a quote; values are taken as they are.")
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[delimiter], strict=True)
            if row
        ]
    except csv.Error as error:
        raise BulkCsvError(f"InvalidBatch : The CSV is malformed: {error}") from error
    if not rows:
        raise BulkCsvError("InvalidBatch : The file has no header.")
    header, *lines = rows
    short = next((number for number, line in enumerate(lines, 2) if len(line) != len(header)), None)
    if short is not None:
        raise BulkCsvError(f"InvalidBatch : Line {short} does not have as many values as the header has names.")
    return header, lines


def record(header: Sequence[str], line: Sequence[str]) -> dict[str, Any]:
    """The line as a record of the JSON API."""
    found: dict[str, Any] = {}
    for name, value in zip(header, line, strict=True):
        if value == "":
            continue
        given = None if value == _NULL else value
        parent, dot, field = name.partition(".")
        if dot:
            found[parent] = None if given is None else {field: given}
        else:
            found[name] = given
    return found


def write(header: Sequence[str], rows: Iterable[Sequence[Any]], delimiter: str, line_ending: str) -> str:
    """A result file, every value in quotes."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=DELIMITERS[delimiter], lineterminator=LINE_ENDINGS[line_ending], quoting=csv.QUOTE_ALL
    )
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def flat(records: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[list[str]]:
    """Query results as lines: `Account.Name` is looked up in the parent, dates and numbers are as in JSON."""
    for item in records:
        yield [_cell(_walk(item, column.split("."))) for column in columns]


def _walk(item: Any, path: list[str]) -> Any:
    for part in path:
        if not isinstance(item, dict):
            return None
        item = next((value for name, value in item.items() if name.lower() == part.lower()), None)
    return item


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text[:-5] + "Z" if text.endswith(".000+0000") else text
