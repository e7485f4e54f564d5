"""What people type, before it is looked at."""

from typing import Any


def clean(value: Any) -> Any:
    """Without blanks around it, and without what no database takes."""
    return value.replace("\0", "").strip() if isinstance(value, str) else value
