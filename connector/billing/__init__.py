"""Billing systems we can speak to. A new one is a class with the methods of `Billing` and a line in `PROVIDERS`."""

from connector.billing.base import Billing, Fetched, Finding, Hold, HoldState, Page
from connector.billing.stripe import StripeBilling

PROVIDERS: dict[str, type[Billing]] = {"stripe": StripeBilling}

__all__ = ["PROVIDERS", "Billing", "Fetched", "Finding", "Hold", "HoldState", "Page", "StripeBilling"]
