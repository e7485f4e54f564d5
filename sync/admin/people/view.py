"""People."""

from flask import render_template

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("people", "People", order=60, shown_to=Right.DECIDE)


@screen.get("/", right=Right.DECIDE)
def page() -> str:
    """The page."""
    return render_template("layout/base.html", title="People")
