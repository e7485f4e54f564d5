"""The screen itself; its routes stand in view.py (what holds), choosing.py (one rule) and trying.py (preview, saving)."""

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("mapping", "Mapping", order=30, shown_to=Right.LOOK)
