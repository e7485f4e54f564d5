"""Rules."""

from flask import render_template

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("rules", "Rules", order=40, shown_to=Right.LOOK)


@screen.get("/", right=Right.LOOK)
def page() -> str:
    """The page."""
    return render_template("layout/base.html", title="Rules")
