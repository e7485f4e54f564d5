"""Receivables, read-only: the whole book, who owes, and down to one invoice. The routes stand in the modules below."""

from sync.admin.receivables import account, invoice, lists, overview, salesforce
from sync.admin.receivables.screen import screen

__all__ = ["account", "invoice", "lists", "overview", "salesforce", "screen"]
