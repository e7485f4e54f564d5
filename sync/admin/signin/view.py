"""Signing in and out."""

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("signin", "Sign in")


@screen.get("/", right=Right.OPEN)
def form() -> str:
    """The form."""
    return "sign in"


@screen.post("/out", right=Right.READ)
def out() -> str:
    """Sign out."""
    return "out"
