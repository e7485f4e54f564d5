"""CSV out and in. What a spreadsheet would run as a formula is written as the text it is (OWASP: CSV injection)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from flask import Response
from werkzeug.datastructures import FileStorage

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_ROWS = 50_000
_BOM = "\ufeff"  # spreadsheets take a file without it for one in the machine's old encoding


class CsvError(ValueError):
    """A file that cannot be used; the message says which line and what it should be."""


def answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A file to be saved as `name`, sent line by line."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_lines(header, rows), mimetype="text/csv", headers=headers)


def _lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(_BOM)
    writer.writerow(header)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        if buffer.tell() > 64_000:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def harmless(cell: Any) -> str:
    """As text that no spreadsheet runs; numbers stay numbers."""
    if cell is None:
        return ""
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return str(cell)
    text = str(cell)
    return f"'{text}" if _runs(text) else text


def _runs(text: str) -> bool:
    """Whether a spreadsheet would run it, or take it for what `harmless` has marked."""
    return text.lstrip("'").startswith(_FORMULA)


def read(
    file: FileStorage, wanted: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and wanted columns of each row, in whatever order the file has them; those that are `optional` are
    empty where the file has them not. Raises CsvError.
    """
    try:
        text = file.stream.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CsvError("the file is not UTF-8 text: save it as “CSV UTF-8” and try again") from None
    if "\0" in text:
        raise CsvError("the file is no text: save it as “CSV UTF-8” and try again")
    reader = csv.DictReader(io.StringIO(text, newline=""), dialect=_dialect(text), strict=True)
    try:
        names = {(name or "").strip().casefold(): name for name in reader.fieldnames or ()}
        if missing := [name for name in wanted if name.casefold() not in names]:
            raise CsvError(f"the first line must name the columns {', '.join(wanted)}; missing: {', '.join(missing)}")
        found = {name: names[name.casefold()] for name in (*wanted, *optional) if name.casefold() in names}
        for number, row in enumerate(reader, start=1):
            if number > MOST_ROWS:
                raise CsvError(f"more than {MOST_ROWS:,} rows: divide the file")
            cells = {name: (row[column] or "").strip() for name, column in found.items()}
            yield reader.line_num, dict.fromkeys(optional, "") | {name: _as_given(cell) for name, cell in cells.items()}
    except csv.Error as error:
        raise CsvError(f"line {reader.line_num} is no CSV: {error}") from None


def _as_given(cell: str) -> str:
    """Without the mark that `harmless` put before it."""
    return cell[1:] if cell[:1] == "'" and _runs(cell) else cell


def _dialect(text: str) -> type[csv.Dialect]:
    """Commas, semicolons or tabs: what the first line has most of."""
    first = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Found
