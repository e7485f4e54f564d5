"""Salesforce record ids: 3 characters of key prefix, 12 of the record, 3 of checksum that make it safe without case."""

from functools import lru_cache

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_POD = "Hu0"  # two characters of instance and one reserved, as real ids carry them
_ALLOWED = frozenset(_DIGITS)
_SERIAL_DIGITS = 9


def checksum(id15: str) -> str:
    """The three characters that follow a 15-character id: one per five, a bit for each capital letter."""
    bits = (sum((char.isupper() << place) for place, char in enumerate(id15[at : at + 5])) for at in (0, 5, 10))
    return "".join(_CHECK[value] for value in bits)


def make_id(prefix: str, serial: int) -> str:
    """The 18-character id of the serial-th record of the object with that key prefix."""
    id15 = prefix + _POD + _base62(serial, _SERIAL_DIGITS)
    return id15 + checksum(id15)


@lru_cache(maxsize=65_536)
def to_18(text: str) -> str | None:
    """The id in its 18-character form, or None where the text is no id at all (length, letters, checksum)."""
    if len(text) not in {15, 18} or not _ALLOWED.issuperset(text):
        return None
    full = text[:15] + checksum(text[:15])
    return full if len(text) == 15 or full == text else None


def custom_prefix(number: int) -> str:
    """The key prefix of the number-th custom object: a00, a01 and so on."""
    return "a" + _base62(number, 2)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    if number:
        raise OverflowError(f"No more ids of {width} characters.")
    return "".join(reversed(digits))
