"""What an org has before anybody works in it: itself, its currencies, and the people who sign in."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from connector.local.org.config import Credentials, OrgConfig, OrgUser
from connector.local.org.model import Row
from connector.local.org.store import Store

_TWO_DIGITS, _OTHER_DIGITS = 2, {"JPY": 0, "VND": 0, "KWD": 3}


def seed(store: Store, config: OrgConfig, permission_sets: Mapping[str, str], stamp: datetime) -> None:
    """Make what is missing; what a former run has left stays. `permission_sets`: labels by name."""
    with store.transaction():
        maker = _Maker(store, stamp)
        maker.have("Organization", "Name", "Dueline Local Org", _organization(config))
        if config.multi_currency:
            for code, rate in config.rates.items():
                maker.have("CurrencyType", "IsoCode", code, _currency(config, code, rate))
        profiles = {name: maker.have("Profile", "Name", name, {}) for name in ("System Administrator", "Standard User")}
        zone = {"TimeZoneSidKey": config.time_zone}
        admin = _user(config.org_admin, "System", "Administrator", profiles["System Administrator"])
        maker.user_id = maker.have("User", "Username", config.org_admin.username, admin | zone)
        api = _user(config.integration, "Dueline", "Integration", profiles["Standard User"])
        holders = {
            maker.have("User", "Username", config.integration.username, api | zone): config.integration_permission_sets
        }
        for person in config.users:
            role = maker.have("UserRole", "Name", person.role, {})
            first, _, last = person.name.rpartition(" ")
            values = _user(person, first, last, profiles["Standard User"]) | {"UserRoleId": role, "Title": person.role}
            holders[maker.have("User", "Username", person.username, values | zone)] = person.permission_sets
        maker.assign(permission_sets, holders, profiles.values())


class _Maker:
    def __init__(self, store: Store, stamp: datetime) -> None:
        self._store = store
        self._stamp = stamp
        self._made: set[str] = set()
        self.user_id: str | None = None

    def have(self, sobject: str, key: str, value: str, others: Row) -> str:
        """The id of the row with that key, made where there is none."""
        for row in self._store.table(sobject).rows.values():
            if row[key] == value:
                return str(row["Id"])
        return self._make(sobject, {key: value, **others})

    def assign(self, labels: Mapping[str, str], holders: Mapping[str, Iterable[str]], profiles: Iterable[str]) -> None:
        """Permission sets, and who holds them. What was assigned or taken away since a former run stays as it is: only
        a user or a permission set that is new is assigned. As in a real org, each profile is a permission set too.
        """
        ids = {
            name: self.have("PermissionSet", "Name", name, {"Label": label, "IsOwnedByProfile": False})
            for name, label in labels.items()
        }
        own = {profile: self._of_profile(profile) for profile in profiles}
        for user_id, row in list(self._store.table("User").rows.items()):
            for permission_set in (own[row["ProfileId"]], *(ids[name] for name in holders.get(user_id, ()))):
                if not self._made.isdisjoint((user_id, permission_set)):
                    values = {"AssigneeId": user_id, "PermissionSetId": permission_set, "IsActive": True}
                    self._make("PermissionSetAssignment", values)

    def _of_profile(self, profile: str) -> str:
        values = {"Label": profile[:15], "IsOwnedByProfile": True, "ProfileId": profile}
        return self.have("PermissionSet", "Name", f"X{profile[:15]}", values)

    def _make(self, sobject: str, values: Row) -> str:
        table = self._store.table(sobject)
        record_id = self._store.new_id(table)
        by = self.user_id or record_id
        system: dict[str, Any] = {"Id": record_id, "IsDeleted": False, "CreatedById": by, "LastModifiedById": by}
        system |= dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), self._stamp)
        self._store.put(table, record_id, {**table.blank, **values, **system})
        self._made.add(record_id)
        return record_id


def _organization(config: OrgConfig) -> Row:
    return {
        "OrganizationType": "Enterprise Edition",
        "InstanceName": "LOCAL",
        "IsSandbox": True,
        "TimeZoneSidKey": config.time_zone,
        "LanguageLocaleKey": "en_US",
        "FiscalYearStartMonth": Decimal(1),
    }


def _currency(config: OrgConfig, code: str, rate: Decimal) -> Row:
    return {
        "ConversionRate": rate,
        "DecimalPlaces": Decimal(_OTHER_DIGITS.get(code, _TWO_DIGITS)),
        "IsActive": True,
        "IsCorporate": code == config.corporate_currency,
    }


def _user(item: Credentials | OrgUser, first: str, last: str, profile_id: str) -> Row:
    return {
        "FirstName": first or None,
        "LastName": last,
        "Name": f"{first} {last}".strip(),
        "Email": item.username.lower(),
        "Alias": (first[:1] + last[:4]).lower(),
        "IsActive": True,
        "UserType": "Standard",
        "LocaleSidKey": "en_US",
        "ProfileId": profile_id,
    }
