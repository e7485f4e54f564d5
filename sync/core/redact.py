"""Takes out of what we show whatever must not be seen on a screen: secrets, and how customers pay.

By the names of fields and by the look of values: either alone misses something. Pay links of invoices stay, for sales
sees them in Salesforce, too.
"""

import re
from collections.abc import Mapping
from typing import Any

REMOVED = "(removed)"

# Whole names, or their ends: `client_secret`, `webhook_secret`, `x-api-key`.
_SECRET_NAME = re.compile(
    r"(?i)(^|[_\-])(secrets?|passwords?|passwd|passphrase|tokens?|api[_-]?keys?|access[_-]?keys?|private[_-]?keys?|authorization|"
    r"cookies?|signatures?|credentials?|session_?ids?)$|^stripe-signature$|(secret|password|token|apikey)$"
)
# How somebody pays: what is inside is nobody's business here.
_PAYMENT_NAME = re.compile(
    r"(?i)^(payment_method_details|payment_method_data|payment_method_options|payment_settings|card|bank_account|"
    r"us_bank_account|sepa_debit|acss_debit|bacs_debit|au_becs_debit|customer_bank_transfer|source|sources|"
    r"default_source|iban|account_number|routing_number|sort_code|cvc|cvv|fingerprint|ssn|tax_ids?|customer_tax_ids)$"
)
_SECRET_VALUE = re.compile(
    r"whsec_[A-Za-z0-9+/=_-]+|\b[srp]k_(?:live|test)_\w+|\b[srp]k_[A-Za-z0-9]{16,}\b|\b\w+_secret_[A-Za-z0-9]{6,}\b|"
    r"\bbearer\s+\S+|(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*|\b00D[A-Za-z0-9]{9,15}![\w.]+|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|://[^/\s:@]+:[^/\s@]+@",
    re.IGNORECASE | re.DOTALL,
)


def redacted(value: Any) -> Any:
    """The same JSON value with secrets and payment details taken out."""
    if isinstance(value, Mapping):
        return {str(name): _field(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(each) for each in value]
    return redacted_text(value) if isinstance(value, str) else value


def redacted_text(text: str) -> str:
    """The same text with what looks like a secret taken out."""
    return _SECRET_VALUE.sub(REMOVED, text)


def _field(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_NAME.search(name) or _PAYMENT_NAME.match(name):
        return REMOVED if value not in ("", [], {}) else value
    return redacted(value)


def trimmed(row: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """A row of which each long text is cut, so that all of it takes about `limit` characters at most."""
    found = dict(row)
    for longest in (2_000, 500, 100):
        if sum(len(name) + len(str(value)) for name, value in found.items()) <= limit:
            break
        found = {name: _cut(value, longest) for name, value in found.items()}
    return found


def _cut(value: Any, longest: int) -> Any:
    text = value if isinstance(value, str) else str(value)
    return value if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"
