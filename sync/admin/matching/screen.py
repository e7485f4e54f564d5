"""The screen itself. Its routes: view.py (who has no account), customer.py (one customer, and deciding about it),
together.py (exact suggestions accepted together), files.py (decisions in a file, and plans of many).
"""

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("matching", "Match customers", order=20, shown_to=Right.LOOK)
