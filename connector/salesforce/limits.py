"""How much of the org's API allowance is used, and in which order Dueline gives up its own share of it.

Salesforce counts calls over a rolling 24 hours and says so in a header of every REST answer (`GET /services/data/`
aside): `Sforce-Limit-Info: api-usage=10018/100000; per-app-api-usage=17/250(appName=x)`. Whether a call may be made is
the caller's policy; the connector asks (`allow`) before each one and tells (`on_call`) after it.
"""

from dataclasses import dataclass

from simple_salesforce.api import Salesforce
from simple_salesforce.util import PerAppUsage

from sync.core.budget import Priority

__all__ = ["ApiUsage", "Priority", "parse_limit_info"]


@dataclass(frozen=True, slots=True)
class ApiUsage:
    """Calls of the last 24 hours and how many are allowed: of the whole org, and of this app where it has a cap."""

    used: int
    maximum: int
    app_used: int | None = None
    app_maximum: int | None = None
    app_name: str | None = None

    @property
    def share(self) -> float:
        """The fraction used, 0.0 to 1.0 and beyond: of the org's allowance or the app's, whichever is fuller."""
        org = self.used / self.maximum if self.maximum else 1.0
        if self.app_used is None or not self.app_maximum:
            return org
        return max(org, self.app_used / self.app_maximum)


def parse_limit_info(header: str | None) -> ApiUsage | None:
    """The usage that a `Sforce-Limit-Info` header tells; None where there is no such header or no such figure in it."""
    if not header:
        return None
    figures = Salesforce.parse_api_usage(header)
    org, app = figures.get("api-usage"), figures.get("per-app-api-usage")
    if org is None:
        return None
    if not isinstance(app, PerAppUsage):
        return ApiUsage(org.used, org.total)
    return ApiUsage(org.used, org.total, app.used, app.total, app.name)
