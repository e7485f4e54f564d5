"""Set-up."""

from flask import render_template

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("setup", "Set-up", order=10, shown_to=Right.LOOK)


@screen.get("/", right=Right.LOOK)
def page() -> str:
    """The page."""
    return render_template("layout/base.html", title="Set-up")


def finished() -> bool:
    """Whether nothing is left to be set up."""
    return True
