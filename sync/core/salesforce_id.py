"""Salesforce ids: 15 characters that tell upper from lower case, or 18 that need not."""

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def full_id(text: str) -> str:
    """The 18 characters of an id that was given in 15; anything else as it is.

    Each of the last three says which of five characters are upper case:
    https://help.salesforce.com/s/articleView?id=000385585
    """
    if len(text) != 15 or not text.isascii() or not text.isalnum():
        return text
    parts = (text[at : at + 5] for at in (0, 5, 10))
    return text + "".join(_SUFFIX[sum(letter.isupper() << bit for bit, letter in enumerate(part))] for part in parts)
