"""What an org has before anybody works in it: itself, its currencies, and the people who sign in."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from connector.local.org.config import Credentials, OrgConfig, OrgUser
from connector.local.org.model import Row
from connector.local.org.store import Store

_TWO_DIGITS, _OTHER_DIGITS = 2, {"JPY": 0, "VND": 0, "KWD": 3}


def seed(store: Store, config: OrgConfig, stamp: datetime) -> None:
    """Make what is missing; what a former run has left stays."""
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
        maker.have("User", "Username", config.integration.username, api | zone)
        for person in config.users:
            role = maker.have("UserRole", "Name", person.role, {})
            first, _, last = person.name.rpartition(" ")
            values = _user(person, first, last, profiles["Standard User"]) | {"UserRoleId": role, "Title": person.role}
            maker.have("User", "Username", person.username, values | zone)


class _Maker:
    def __init__(self, store: Store, stamp: datetime) -> None:
        self._store = store
        self._stamp = stamp
        self.user_id: str | None = None

    def have(self, sobject: str, key: str, value: str, others: Row) -> str:
        """The id of the row with that key, made where there is none."""
        table = self._store.table(sobject)
        for row in table.rows.values():
            if row[key] == value:
                return str(row["Id"])
        record_id = self._store.new_id(table)
        by = self.user_id or record_id
        system: dict[str, Any] = {"Id": record_id, "IsDeleted": False, "CreatedById": by, "LastModifiedById": by}
        system |= dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), self._stamp)
        self._store.put(table, record_id, {**table.blank, key: value, **others, **system})
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
