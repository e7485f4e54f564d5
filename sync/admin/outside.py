"""Addresses of what the page names, in the systems where it lives; None where there is no such place to look at."""

from sync.settings import Settings

_STRIPE = "https://dashboard.stripe.com"


def billing_customer(settings: Settings, connection: str, key: str) -> str | None:
    """A billing customer where finance sees it: for Stripe, if the connection has a key of Stripe's own."""
    stripe = settings.stripe.get(connection)
    if stripe is None or stripe.api_key is None or stripe.api_base is not None:
        return None
    scope, _, name = key.rpartition(":")
    if not (name.isascii() and name.replace("_", "").isalnum()):
        return None
    account = scope.partition("/")[2]
    mode = "/test" if "_test_" in stripe.api_key.get_secret_value() else ""
    return f"{_STRIPE}{f'/{account}' if account else ''}{mode}/customers/{name}"


def salesforce_record(settings: Settings, record_id: str, sobject: str = "Account") -> str | None:
    """A record's page in Salesforce; None while that is not connected."""
    if settings.salesforce is None:
        return None
    return f"{settings.salesforce.login_url}/lightning/r/{sobject}/{record_id}/view"
