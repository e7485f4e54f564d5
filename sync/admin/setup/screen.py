"""The screen itself. Its routes: view.py (the checklist and most steps), billing.py (connections to Stripe)."""

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("setup", "Set-up", order=10, shown_to=Right.LOOK)
