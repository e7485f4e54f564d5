"""The screen itself. Its routes: view.py (what holds), choosing.py (a rule), trying.py (preview, saving), past.py."""

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("mapping", "Mapping", order=30, shown_to=Right.LOOK)
