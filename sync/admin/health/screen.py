"""The health screen as one blueprint; its routes stand in view, parked and journey."""

from sync.admin.gate import Screen
from sync.admin.rights import Right

screen = Screen("health", "Health", order=50, shown_to=Right.LOOK)
