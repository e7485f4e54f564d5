"""The forms of setting up. Secrets are typed into them and never come back out: a field of one is always empty."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from pydantic import ValidationError
from wtforms import PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.validators import ValidationError as Refused

from sync.admin.typed import clean
from sync.effective import CLIENT_SECRET, PRIVATE_KEY
from sync.settings import Salesforce, is_safe_address

_VERSION = r"^\d{2,3}\.0$"
_NAME = r"^[a-z0-9][a-z0-9_-]*$"
OUR_FIELD = "Billing_Customer_Id__c"  # comes with the package
_OFF = {"autocomplete": "off", "spellcheck": "false"}


class KeyTextAreaField(TextAreaField):
    """A text area for a private key, which is never shown again."""

    def _value(self) -> str:
        return ""


class SalesforceForm(FlaskForm):
    """The connection to Salesforce, by either of two ways to sign in."""

    login_url = StringField(
        "My Domain address",
        [InputRequired("Enter the address of your org."), Length(max=255)],
        filters=[clean],
        description="Setup → My Domain → Current My Domain URL: https://your-company.my.salesforce.com",
        render_kw=_OFF,
    )
    client_id = StringField(
        "Consumer key",
        [InputRequired("Enter the consumer key of the app."), Length(max=512)],
        filters=[clean],
        description="External Client App Manager → Dueline → Settings → OAuth Settings → Consumer Key and Secret",
        render_kw=_OFF,
    )
    way = SelectField(
        "How Dueline signs in",
        choices=[
            SelectChoice("secret", "With the consumer secret (client credentials flow)"),
            SelectChoice("key", "With a private key (JWT)"),
        ],
    )
    client_secret = PasswordField("Consumer secret", [Optional(), Length(max=1_000)], filters=[clean])
    username = StringField(
        "Username of the integration user", [Optional(), Length(max=255)], filters=[clean], render_kw=_OFF
    )
    private_key = KeyTextAreaField(
        "Private key",
        [Optional(), Length(max=20_000)],
        filters=[clean],
        description="PEM text. Its certificate is uploaded to the external client app.",
        render_kw={**_OFF, "rows": "5"},
    )
    api_version = StringField(
        "API version", [InputRequired("Enter a version, such as 66.0."), Regexp(_VERSION, message="Such as 66.0.")]
    )

    def value(self) -> dict[str, Any]:
        """What is saved openly."""
        found = {name: self[name].data for name in ("login_url", "client_id", "api_version")}
        found["login_url"] = str(found["login_url"]).rstrip("/")
        return {**found, "username": self.username.data} if self.way.data == "key" else found

    def given(self) -> dict[str, str]:
        """The secret that was typed in, if any, by its name."""
        name, field = (PRIVATE_KEY, self.private_key) if self.way.data == "key" else (CLIENT_SECRET, self.client_secret)
        return {name: field.data} if field.data else {}

    def sound(self, before: Mapping[str, Any] | None, held: frozenset[str]) -> bool:
        """Whether it can be saved. `before`: the connection so far; `held`: names of the secrets that are kept.

        A secret is only ever sent to the address that it was entered for.
        """
        if not self.validate_on_submit():
            return False
        name = PRIVATE_KEY if self.way.data == "key" else CLIENT_SECRET
        field = self.private_key if self.way.data == "key" else self.client_secret
        moved = before is not None and before.get("login_url") != self.value()["login_url"]
        if not field.data and (name not in held or moved):
            again = " again: it is sent to another address now" if name in held else ""
            _tell(field, f"Enter the {'private key' if name == PRIVATE_KEY else 'consumer secret'}{again}.")
            return False
        part = name.rpartition(":")[2]
        try:
            Salesforce.model_validate({**self.value(), part: self.given().get(name) or "held"})
        except ValidationError as error:
            self._refuse(error)
            return False
        return True

    def _refuse(self, error: ValidationError) -> None:
        for problem in error.errors(include_input=False, include_url=False):
            name = str(problem["loc"][0]) if problem["loc"] else "username"
            _tell(self[name], f"It {problem['msg'].removeprefix('Value error, ')}.")


class StripeForm(FlaskForm):
    """What is needed to read from a Stripe account."""

    api_key = PasswordField(
        "Restricted API key",
        [Optional(), Length(max=255), Regexp(r"^\s*(rk|sk)_\w+\s*$", message="A key begins with rk_ (or sk_).")],
        filters=[clean],
        description="Stripe Dashboard → Developers → API keys → Create restricted key. It begins with rk_.",
    )
    api_base = StringField(
        "Another API address",
        [Optional(), Length(max=255)],
        filters=[clean],
        description="Only for a stand-in of Stripe, as in the demo. Leave it empty for Stripe itself.",
        render_kw=_OFF,
    )

    def validate_api_base(self, field: StringField) -> None:
        """Encrypted, or on this machine."""
        if not is_safe_address(str(field.data)):
            raise Refused("It must begin with https:// (or http://127.0.0.1: for a stand-in on this machine).")

    def value(self) -> dict[str, Any]:
        """What is saved openly."""
        return {"api_base": self.api_base.data.rstrip("/")} if self.api_base.data else {}

    def sound(self, before: Mapping[str, Any], *, held: bool) -> bool:
        """Whether it can be saved. `held`: a key is kept; it is only ever sent to the address it was entered for."""
        if not self.validate_on_submit():
            return False
        moved = before.get("api_base") != self.value().get("api_base")
        if not self.api_key.data and (not held or moved):
            again = " again: it is sent to another address now" if held else ""
            _tell(self.api_key, f"Enter the API key{again}.")
            return False
        return True


class SigningForm(FlaskForm):
    """A signing secret, pasted from Stripe."""

    secret = PasswordField(
        "Signing secret",
        [
            InputRequired("Paste the signing secret of the endpoint."),
            Length(max=255),
            Regexp(r"^\s*whsec_\w+\s*$", message="A signing secret begins with whsec_."),
        ],
        filters=[clean],
        description="Stripe Dashboard → Developers → Webhooks → the endpoint → Signing secret → Reveal.",
    )


class NameForm(FlaskForm):
    """The name of a new connection."""

    name = StringField(
        "Name of the Stripe account here",
        [
            InputRequired("Give it a name."),
            Length(max=40),
            Regexp(_NAME, message="Lower-case letters, digits, - and _ only, such as main or eu."),
        ],
        filters=[clean],
        render_kw=_OFF,
    )


class FieldForm(FlaskForm):
    """Which field of accounts holds the id of the billing customer."""

    choice = RadioField(
        "Field of accounts that holds the billing customer's id",
        choices=[
            SelectChoice("ours", f"Dueline's own field, Billing Customer Id ({OUR_FIELD})"),
            SelectChoice("other", "Another field"),
            SelectChoice("none", "None: accounts are found in other ways"),
        ],
    )
    name = StringField("API name of that field", [Length(max=80)], filters=[clean], render_kw=_OFF)

    def validate_name(self, field: StringField) -> None:
        """Needed where another field is chosen."""
        if self.choice.data == "other" and not field.data:
            raise Refused("Enter the API name of the field, such as Customer_No__c.")

    def chosen(self) -> str | None:
        """The field's API name."""
        return {"ours": OUR_FIELD, "other": self.name.data, "none": None}[self.choice.data]


def _tell(field: Any, words: str) -> None:
    field.errors = [*field.errors, words]
