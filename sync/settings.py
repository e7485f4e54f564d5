"""Every setting, typed, from the environment. `DUELINE_` names, plus DATABASE_URL, REDIS_URL and PORT.

Nested ones are given as JSON (`DUELINE_STRIPE='{"main": {"webhook_secrets": [...]}}'`) or key by key
(`DUELINE_STRIPE__MAIN__API_KEY=...`). Secrets never appear in `repr`, logs or error texts.
"""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AliasChoices, BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sync.core.money import exponent

MOST_MILESTONES = 12
LAST_MILESTONE = 3_650  # days past due


class SettingsError(ValueError):
    """A setting is missing or malformed; the message names it and says what it should be."""


def _several(value: object, what: str, like: str) -> object:
    secrets = value.split(",") if isinstance(value, str) else value
    if not isinstance(secrets, list | tuple):
        raise ValueError(f"must be one {what}, or several with commas between")  # noqa: TRY004 - pydantic's way
    found = [part.strip() for part in secrets if isinstance(part, str) and part.strip()]
    if not found:
        raise ValueError(f"must hold at least one {what} ({like})")
    return tuple(SecretStr(part) for part in found)


_LOOPBACK = r"http://(127\.0\.0\.1|localhost|\[::1\])"
_HOST = rf"(https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|{_LOOPBACK})(:\d{{1,5}})?"


def own_domain(value: str) -> str:
    """The address of an org: encrypted, or a stand-in on this machine. Raises ValueError."""
    if not re.fullmatch(rf"{_HOST}/?", value, re.ASCII):
        raise ValueError("must be https://YOUR-DOMAIN.my.salesforce.com")
    return value.rstrip("/")


def is_safe_address(value: str) -> bool:
    """Whether requests to an address are encrypted, or stay on this machine; nobody's name stands before the host."""
    return re.fullmatch(rf"{_HOST}(/[A-Za-z0-9._~/-]*)?", value, re.ASCII) is not None


def _in_clear(secrets: tuple[SecretStr, ...] | SecretStr) -> tuple[str, ...]:
    many = secrets if isinstance(secrets, tuple) else (secrets,)
    return tuple(secret.get_secret_value() for secret in many)


class StripeConnection(BaseModel):
    """One Stripe account. Several secrets may be live at once, so that they can be rotated.

    Without a secret no webhook is taken in for it, without a key nothing can be asked there.
    """

    webhook_secrets: tuple[SecretStr, ...] | SecretStr = ()  # the union lets a comma-separated text through
    api_key: SecretStr | None = None
    api_base: str | None = None
    rate_limit: float = Field(default=25.0, gt=0)  # list requests a second: Stripe's own limit for one kind of object

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return _several(value, "signing secret", "whsec_...")

    @model_validator(mode="after")
    def _of_use(self) -> "StripeConnection":
        if not self.webhook_secrets and self.api_key is None:
            raise ValueError("needs webhook_secrets (whsec_...), api_key, or both")
        return self

    def secrets(self) -> tuple[str, ...]:
        """The live secrets, in clear."""
        return _in_clear(self.webhook_secrets)


class Salesforce(BaseModel):
    """The org. With `client_secret` the client-credentials flow is used, with `private_key` the JWT bearer flow.

    `hook_tokens` are the secrets in the addresses to which its Outbound Messages are sent:
    /webhooks/salesforce/`connection`/TOKEN. Several may be live at once, so that they can be rotated.
    """

    login_url: str
    client_id: str
    client_secret: SecretStr | None = None
    username: str | None = None
    private_key: SecretStr | None = None
    api_version: str = "66.0"
    timeout_s: float = Field(default=30.0, gt=0)
    connection: str = Field(default="org", pattern=r"^[a-z0-9][a-z0-9_-]*$")
    hook_tokens: tuple[SecretStr, ...] | SecretStr = ()  # the union lets a comma-separated text through

    @field_validator("hook_tokens", mode="before")
    @classmethod
    def _long_tokens(cls, value: object) -> object:
        found = _several(value, "token", "16 or more letters and digits") if value else ()
        for token in found if isinstance(found, tuple) else ():
            if not re.fullmatch(r"[A-Za-z0-9_-]{16,}", token.get_secret_value()):
                raise ValueError("a token must be 16 or more letters, digits, - and _: nobody may guess it")
        return found

    def hooks(self) -> dict[str, tuple[str, ...]]:
        """The live tokens by connection, in clear."""
        return {self.connection: _in_clear(self.hook_tokens)}

    @field_validator("login_url")
    @classmethod
    def _own_domain(cls, value: str) -> str:
        return own_domain(value)

    @model_validator(mode="after")
    def _one_flow(self) -> "Salesforce":
        if self.client_secret is None and (self.private_key is None or self.username is None):
            raise ValueError("needs client_secret, or private_key and username")
        return self


class SignIn(BaseModel):
    """The org's external client app through which people sign in to finance's page.

    `login_url`: where they do; None: at the address of the Salesforce connection.
    """

    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    login_url: str | None = None

    @field_validator("login_url")
    @classmethod
    def _own_domain(cls, value: str | None) -> str | None:
        return own_domain(value) if value else None


class Rules(BaseModel):
    """What finance may set on its page, too; what the environment sets wins (sync.effective)."""

    time_zone: str = "UTC"
    body_days: int = Field(default=90, ge=1, le=3_650)

    account_metadata_key: str = Field(default="salesforce_account_id", min_length=1, max_length=40)
    account_billing_field: str | None = None
    org_currency: str = "USD"
    exchange_rates: dict[str, Decimal] = Field(default_factory=dict)
    closed_days: int = Field(default=400, ge=0, le=36_500)

    grace_days: int = Field(default=0, ge=0, le=365)
    commitment_grace_days: int = Field(default=0, ge=0, le=365)
    follow_up_days: int = Field(default=90, ge=1, le=3_650)
    dispute_sla_days: int = Field(default=5, ge=1, le=365)
    milestones: tuple[int, ...] = (1, 30, 60, 90)
    poll_every_s: float = Field(default=15.0, gt=0, le=86_400)
    api_share: float = Field(default=0.2, gt=0, le=1)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a time zone name, such as Europe/Berlin")
        return str(ZoneInfo(value))

    @field_validator("account_billing_field")
    @classmethod
    def _field_name(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,79}", value):
            raise ValueError("must be the API name of a field, such as Billing_Customer_Id__c")
        return value or None

    @field_validator("org_currency")
    @classmethod
    def _currency(cls, value: str) -> str:
        exponent(value)
        return value

    @field_validator("exchange_rates")
    @classmethod
    def _rates(cls, value: dict[str, Decimal]) -> dict[str, Decimal]:
        for currency, rate in value.items():
            exponent(currency)
            if rate <= 0:
                raise ValueError(f"the rate of {currency} must be positive")
        return value

    @field_validator("milestones")
    @classmethod
    def _days_late(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(value) > MOST_MILESTONES or any(not 1 <= days <= LAST_MILESTONE for days in value):
            raise ValueError(f"must be at most {MOST_MILESTONES} numbers of days from 1 to {LAST_MILESTONE}")
        return tuple(sorted(set(value)))


class Settings(Rules, BaseSettings):
    """All settings of all processes."""

    model_config = SettingsConfigDict(env_prefix="DUELINE_", env_nested_delimiter="__", extra="ignore")

    database_url: str | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL"))
    redis_url: str | None = Field(default=None, validation_alias=AliasChoices("REDIS_URL"))
    port: int = Field(default=8000, ge=0, le=65535, validation_alias=AliasChoices("PORT"))
    host: str = "0.0.0.0"
    home: Path = Path(".dueline")
    today_file: Path | None = None
    log_level: str = "INFO"
    web_processes: int = Field(default=1, ge=1)
    web_threads: int = Field(default=8, ge=1)

    stripe: dict[str, StripeConnection] = Field(default_factory=dict)
    salesforce: Salesforce | None = None

    public_url: str | None = None
    secret_key: SecretStr | None = None
    admin_user: str = "finance"
    admin_password: SecretStr | None = None
    sign_in: SignIn | None = None
    proxies: int = Field(default=0, ge=0, le=10)  # between people and us, whose X-Forwarded-For is believed

    body_limit: int = Field(default=1_000_000, gt=0)
    catch_up_days: int = Field(default=30, ge=1, le=30)  # Stripe keeps its events no longer
    catch_up_every_s: float = Field(default=300.0, gt=0)
    signature_tolerance_s: int = Field(default=300, gt=0)

    account_fields: dict[str, str | None] = Field(default_factory=dict)

    poll_overlap_s: float = Field(default=300.0, ge=0)
    history_days: int = Field(default=90, ge=1)

    heartbeat_s: float = Field(default=900.0, ge=60)

    flush_rows: int = Field(default=200, ge=1, le=200)
    flush_after_s: float = Field(default=1.0, gt=0)
    flush_busy_s: float = Field(default=20.0, gt=0)
    bulk_from: int = Field(default=2000, ge=1)
    request_lifetime_s: float = Field(default=600.0, gt=0)
    link_every_s: float = Field(default=300.0, gt=0)
    max_attempts: int = Field(default=8, ge=1)

    @field_validator("account_fields")
    @classmethod
    def _account_fields(cls, value: dict[str, str | None]) -> dict[str, str | None]:
        from sync.core.fieldmap.rules import default, pinned  # not loaded by whoever only receives events

        pinned(default(), value)
        return value

    @field_validator("stripe")
    @classmethod
    def _plain_names(cls, value: dict[str, StripeConnection]) -> dict[str, StripeConnection]:
        for name in value:
            if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
                raise ValueError(f"connection name {name!r} must be lower-case letters, digits, - and _")
        return value

    @field_validator("database_url")
    @classmethod
    def _psycopg(cls, value: str | None) -> str | None:
        """Heroku-style URLs (postgres://…) work as they are given."""
        if value is None:
            return None
        scheme, _, rest = value.partition("://")
        if scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
            raise ValueError("must be a postgresql:// URL")
        return f"postgresql+psycopg://{rest}"

    @field_validator("admin_password")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and 0 < len(value.get_secret_value()) < 12:
            raise ValueError("must have 12 characters or more")
        return value or None

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^/?#\s]+/?", value):
            raise ValueError("must be the address that people and billing systems use: https://dueline.example.com")
        return value.rstrip("/") if value else None

    def connections(self) -> dict[str, str]:
        """Every configured connection with its provider's name."""
        return dict.fromkeys(self.stripe, "stripe")

    def readable(self) -> frozenset[str]:
        """The connections that have a key to read by."""
        return frozenset(name for name, connection in self.stripe.items() if connection.api_key)

    @property
    def system_names(self) -> dict[str, str]:
        """Billing systems as people know them, by provider."""
        return {"stripe": "Stripe"}


@cache
def load() -> Settings:
    """The settings of this process. Raises SettingsError naming the variable and what it should be."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_in_words(error)) from None
    except ValueError as error:  # malformed JSON in a nested setting
        raise SettingsError(f"{error}: nested settings are JSON objects, see README, Settings") from None


def _in_words(error: ValidationError) -> str:
    told = []
    for problem in error.errors(include_input=False, include_url=False):
        path = [str(part) for part in problem["loc"]]
        name = path[0] if path and path[0].isupper() else "DUELINE_" + "__".join(path).upper()
        told.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}")
    return "; ".join(told)
