"""Who of Salesforce may do what on finance's page, as the org says it."""

from collections.abc import Collection

from connector.salesforce import rights
from connector.salesforce.rights import User
from connector.salesforce.values import long_id
from sync.adapters.salesforce import SalesforceOrg, asking

__all__ = ["User", "active_users", "long_id", "org_id", "permission_sets"]


def org_id(org: SalesforceOrg) -> str:
    """The 18-character id of the org that we are signed in to. Raises OrgAwayError."""
    with asking():
        return long_id(org.session.connect().org_id)


def active_users(org: SalesforceOrg, ids: Collection[str], permission_sets: Collection[str]) -> dict[str, User]:
    """Those of these users that are active, by id, with those of the permission sets that they hold.

    Raises OrgAwayError.
    """
    with asking():
        return rights.active_users(org.session, ids, permission_sets)


def permission_sets(org: SalesforceOrg, names: Collection[str]) -> list[str]:
    """Those of these permission sets that the org has, as it writes them. Raises OrgAwayError."""
    with asking():
        return rights.permission_sets(org.session, names)
