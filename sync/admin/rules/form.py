"""The form of the rules: each a field, in groups, with its meaning in words."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from pydantic import ValidationError
from wtforms import FieldList, Form, FormField, HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from sync.admin.typed import clean
from sync.settings import LAST_MILESTONE, Rules

_OFF = {"autocomplete": "off", "spellcheck": "false"}
_EMPTY_RATES = 2  # rows for further currencies
_MOST_RATES = 60
_LONGEST_RATE = 30  # characters
_PERCENT = 100

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Days": ("time_zone", "grace_days", "follow_up_days", "milestones"),
    "Commitments and disputes": ("commitment_grace_days", "dispute_sla_days"),
    "Currencies": ("org_currency", "exchange_rates"),
    "Salesforce": ("api_share", "poll_every_s"),
    "Finding accounts": ("account_metadata_key", "account_billing_field"),
    "How long things are kept": ("closed_days", "body_days"),
}


@cache
def zones() -> tuple[str, ...]:
    """Zones as people name them, to choose from: an area and a city; and UTC."""
    odd = ("Etc/", "SystemV/", "US/", "posix/", "right/")
    return ("UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(odd)))


def _days(label: str, meaning: str, least: int, most: int) -> IntegerField:
    words = f"A whole number of days from {least} to {most:,}."
    return IntegerField(
        label, [InputRequired(words), NumberRange(least, most, words)], description=meaning, render_kw={"min": least}
    )


class RateForm(Form):
    """The rate of one currency."""

    currency = StringField("Currency", filters=[clean], render_kw=_OFF)
    rate = StringField("Rate", filters=[clean], render_kw={**_OFF, "inputmode": "decimal"})


class RulesForm(FlaskForm):
    """All rules at once: they are saved as one version."""

    time_zone = StringField(
        "Business time zone",
        [InputRequired("Choose a time zone, such as Europe/Berlin."), Length(max=60)],
        filters=[clean],
        description="Due dates, days past due and every day in the figures are days of this zone.",
        render_kw={**_OFF, "list": "zones"},
    )
    grace_days = _days(
        "Grace after a due date", "Days that pass after a due date before somebody is asked to follow up.", 0, 365
    )
    follow_up_days = _days(
        "Oldest follow-up", "A due date missed longer ago makes no new follow-up, so that nobody is buried.", 1, 3_650
    )
    milestones = StringField(
        "Aging milestones",
        [Length(max=100)],
        filters=[clean],
        description="Days past due at which the account's timeline says so, with commas between. Empty: none.",
        render_kw=_OFF,
    )
    commitment_grace_days = _days(
        "Grace after a promised day", "Days in which a payment still counts for a commitment.", 0, 365
    )
    dispute_sla_days = _days(
        "Time to settle a dispute", "Working days until a dispute counts as waiting too long.", 1, 365
    )
    org_currency = StringField(
        "Currency of your org",
        [InputRequired("Enter a currency code, such as USD."), Length(min=3, max=3, message="Three letters: USD.")],
        filters=[clean, lambda value: value.upper() if value else value],
        description="For orgs with a single currency: amounts in others are converted into it.",
        render_kw=_OFF,
    )
    exchange_rates = FieldList(FormField(RateForm), "Exchange rates", max_entries=_MOST_RATES)
    api_share = IntegerField(
        "Share of the org's API calls, in percent",
        [InputRequired("A whole number from 1 to 100."), NumberRange(1, _PERCENT, "A whole number from 1 to 100.")],
        description="Dueline keeps within it, whatever happens: payments and overdue flags go first.",
    )
    poll_every_s = IntegerField(
        "Look for changes in Salesforce every … seconds",
        [InputRequired("A whole number of seconds."), NumberRange(1, 86_400, "From 1 second to 86,400 (a day).")],
        description="How soon Dueline sees what people do there. One call each time.",
    )
    account_metadata_key = StringField(
        "Metadata key in the billing system",
        [InputRequired("Enter the name of the key."), Length(max=40)],
        filters=[clean],
        description="A customer whose metadata holds a Salesforce account id under this key is matched with it.",
        render_kw=_OFF,
    )
    account_billing_field = StringField(
        "Field of accounts with the billing customer's id",
        [Length(max=80)],
        filters=[clean, lambda value: value or None],
        description="API name, such as Billing_Customer_Id__c. Empty: accounts are found in other ways.",
        render_kw=_OFF,
    )
    closed_days = _days(
        "Closed invoices in Salesforce",
        "Invoices and payments closed longer ago are taken out of Salesforce.",
        0,
        36_500,
    )
    body_days = _days("Text of webhooks", "What billing systems sent, word by word, is kept for so long.", 1, 3_650)
    note = StringField(
        "Why", [Length(max=200)], filters=[clean], description="For whoever wonders later. You may leave it empty."
    )
    based_on = HiddenField(validators=[Length(max=20)])

    @classmethod
    def showing(cls, rules: Rules, based_on: int, billed_in: tuple[str, ...]) -> "RulesForm":
        """The form with these rules in it, and room for a rate of each currency that is billed in."""
        known = dict(rules.exchange_rates)
        wanted = [code for code in billed_in if code not in known and code != rules.org_currency]
        rates = [{"currency": code, "rate": str(rate)} for code, rate in sorted(known.items())]
        rates += [{"currency": code, "rate": ""} for code in wanted] + [{}] * _EMPTY_RATES
        values = {name: getattr(rules, name) for name in Rules.model_fields}
        values |= {
            "milestones": ", ".join(str(days) for days in rules.milestones),
            "api_share": round(rules.api_share * _PERCENT),
            "poll_every_s": round(rules.poll_every_s),
            "exchange_rates": rates[:_MOST_RATES],
            "based_on": str(based_on),
        }
        return cls(formdata=None, data=values)

    def sound(self, now: Rules, fixed: frozenset[str]) -> Rules | None:
        """The rules as typed in, those that the environment sets as they are; None if something is wrong."""
        for name in fixed:
            self[name].validators = []
        if not self.validate_on_submit():
            return None
        try:
            values = {name: self._read(name) for name in Rules.model_fields if name not in fixed}
            return Rules.model_validate({**{name: getattr(now, name) for name in fixed}, **values})
        except ValidationError as error:
            for problem in error.errors(include_input=False, include_url=False):
                self._tell(str(problem["loc"][0]), problem["msg"].removeprefix("Value error, "))
        except _WrongError as error:
            self._tell(error.name, str(error))
        return None

    def _read(self, name: str) -> Any:
        match name:
            case "milestones":
                return self._milestones()
            case "exchange_rates":
                return self._rates()
            case "api_share":
                return self.api_share.data / _PERCENT  # type: ignore[operator] # it was required
            case _:
                return self[name].data

    def _milestones(self) -> list[int]:
        parts = [part.strip() for part in (self.milestones.data or "").split(",") if part.strip()]
        if not all(part.isascii() and part.isdigit() and len(part) <= len(str(LAST_MILESTONE)) for part in parts):
            raise _WrongError("milestones", "must be whole numbers of days with commas between: 1, 30, 60, 90")
        return [int(part) for part in parts]

    def _rates(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for row in self.exchange_rates:
            code, rate = (row.currency.data or "").upper(), row.rate.data or ""
            if not rate:
                continue
            if not code:
                raise _WrongError("exchange_rates", f"lack the currency of {rate}")
            try:
                value = Decimal(rate)
            except InvalidOperation:
                value = Decimal("NaN")
            if not value.is_finite() or len(rate) > _LONGEST_RATE:
                raise _WrongError("exchange_rates", f"must be numbers such as 0.92; for {code} you wrote {rate}")
            if code in found:
                raise _WrongError("exchange_rates", f"have two rates of {code}")
            found[code] = value
        return found

    def _tell(self, name: str, words: str) -> None:
        self[name].errors = [f"{self[name].label.text} {words}."]


class _WrongError(ValueError):
    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name
