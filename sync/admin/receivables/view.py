"""Receivables."""

from flask import render_template

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("receivables", "Receivables", order=5, shown_to=Right.READ)


@screen.get("/", right=Right.READ)
def page() -> str:
    """The page."""
    return render_template("layout/base.html", title="Receivables")
