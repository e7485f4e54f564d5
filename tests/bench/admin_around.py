"""What stands around the ledger of tests/bench/admin_book.py: accounts and people in Salesforce, what they promised and
contested, the records written there, and what is parked.
"""

from typing import TYPE_CHECKING, Any

import psycopg

from sync.core.causes import fingerprint
from tests.bench.history import account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.admin_book import Customer, Size

PEOPLE = 25
RECORD_CAUSES = (  # code, reason, fix
    (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "Invoices need a cost centre",
        "exempt the integration user from the rule, or map the field it asks for",
    ),
    (
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "Total__c is read-only for the integration user",
        "assign the permission set Dueline Integration to the integration user",
    ),
    ("STRING_TOO_LONG", "Name: data value too large", "map the name to a longer field, or shorten it"),
    ("ACCOUNT_GONE", "the account does not exist in Salesforce", "link the billing customer to another account"),
    ("EXCHANGE_RATE_MISSING", "there is no rate from KWD to USD", "give the rate, or activate the currency"),
    ("DUPLICATES_DETECTED", "Use one of these records?", "let the integration user past the duplicate rule"),
)
HOLD_CAUSE = ("PERMISSION", "the key may not change invoices", "give the key write access to Invoices")
EVENT_CAUSES = ("invoice: total is missing", "currency XYZ is not known; its minor unit cannot be guessed")


def _account(n: str) -> str:
    return f"'001' || lpad(({n})::text, 12, '0') || 'AAA'"


def _person(n: str) -> str:
    return f"'005' || lpad(({n})::text, 12, '0') || 'AAA'"


_SALESFORCE = (
    f"""\
INSERT INTO person (id, name, email, role, active)
  SELECT {_person("n")}, 'Person ' || n, 'person' || n || '@company.example',
    CASE WHEN n %% 3 = 0 THEN 'Customer Success' ELSE 'Account Executive' END, n %% 11 > 0
  FROM generate_series(1, {PEOPLE}) AS n""",
    f"""\
INSERT INTO teammate (id, account, person, role)
  SELECT '01M' || lpad(n::text, 12, '0') || 'AAA', {_account("n")}, {_person(f"1 + (n * 7) %% {PEOPLE}")},
    'Customer Success'
  FROM generate_series(1, %(accounts)s) AS n WHERE n %% 3 = 0""",
    f"""\
INSERT INTO suggestion (customer, account, account_name, website, owner, evidence, rank, exact)
  SELECT key, {_account("1 + n %% %(accounts)s")}, 'Likely ' || n, 'https://' || domain, 'Person ' || (1 + n %% 25),
    (ARRAY['{{domain,name}}', '{{domain}}', '{{name}}'])[1 + n %% 5]::text[], 0, n %% 5 = 0
  FROM (SELECT *, row_number() OVER (ORDER BY key) AS n FROM customer WHERE account IS NULL) AS c
  WHERE n %% 5 < 3""",
    """\
UPDATE customer SET match = CASE WHEN NOT EXISTS (SELECT FROM suggestion s WHERE s.customer = key) THEN 'none'
    WHEN EXISTS (SELECT FROM suggestion s WHERE s.customer = key AND s.exact) THEN 'exact' ELSE 'one' END,
    looked_up_at = now() WHERE account IS NULL""",
    # --- promises and disputes, about open invoices of linked customers
    """\
CREATE TEMP TABLE owed ON COMMIT DROP AS SELECT i.*, c.account, row_number() OVER (ORDER BY i.key) AS n
  FROM invoice i JOIN customer c ON c.key = i.customer WHERE i.balance > 0 AND c.account IS NOT NULL""",
    """\
INSERT INTO commitment (id, account, currency, shown_in, amount, promised_on, made_at, made_on, by, cancelled, named,
    status, kept, kept_on, promised, covers, hold_state)
  SELECT 'a01' || lpad(n::text, 12, '0') || 'AAA', account, currency, currency, balance,
    CASE n %% 4 WHEN 0 THEN %(today)s::date + (n %% 9)::int ELSE %(today)s::date - (n %% 60)::int - 1 END,
    now() - interval '70 days', %(today)s::date - 70, 'Person ' || (1 + n %% 25), false, '',
    (ARRAY['Open', 'Broken', 'Partly Kept', 'Kept'])[1 + n %% 4],
    CASE n %% 4 WHEN 2 THEN balance / 3 WHEN 3 THEN balance ELSE 0 END,
    CASE n %% 4 WHEN 3 THEN %(today)s::date - (n %% 60)::int - 1 END,
    CASE n %% 4 WHEN 0 THEN balance ELSE 0 END, number, 'Not Held'
  FROM owed WHERE n %% 3 = 0""",
    """\
INSERT INTO coverage (commitment, invoice, n)
  SELECT 'a01' || lpad(n::text, 12, '0') || 'AAA', key, 0 FROM owed WHERE n %% 3 = 0""",
    """\
INSERT INTO dispute (id, account, invoice, currency, open, opened_at, closed_at, by, category, contested, sla_due_at,
    breached, hold_state)
  SELECT 'a02' || lpad(n::text, 12, '0') || 'AAA', account, key, currency, n %% 2 = 0,
    %(today)s::timestamptz - make_interval(days => (n %% 100)::int), CASE WHEN n %% 2 = 1 THEN now() END,
    'Person ' || (1 + n %% 25),
    (ARRAY['Pricing', 'Billing Error', 'Service', 'Delivery', 'Duplicate', 'Tax', 'Other'])[1 + (n / 14) %% 7],
    CASE WHEN n %% 2 = 0 THEN balance ELSE 0 END,
    %(today)s::timestamptz + make_interval(days => 5 - (n %% 20)::int), n %% 20 > 5, 'Held'
  FROM owed WHERE n %% 7 IN (0, 1)""",
    """\
INSERT INTO hold (invoice, account, wanted, note, version, applied, state, parked, reason, fix, cause)
  SELECT key, account, true, 'contested', 1, CASE WHEN n %% 9 > 0 THEN 1 END,
    CASE WHEN n %% 9 = 0 THEN 'Failed' ELSE 'Held' END, CASE WHEN n %% 9 = 0 THEN %(hold_code)s END,
    CASE WHEN n %% 9 = 0 THEN %(hold_reason)s END, CASE WHEN n %% 9 = 0 THEN %(hold_fix)s END,
    CASE WHEN n %% 9 = 0 THEN %(hold_cause)s END
  FROM owed WHERE n %% 7 = 0""",
    """\
INSERT INTO followup (key, account, invoice, subject, description, due_on, high, outcome)
  SELECT 'overdue:' || n, account, key, 'Overdue: ' || number, 'Ask for it', due_on + 1, n %% 5 = 0,
    CASE WHEN n %% 4 = 0 THEN 'Promised' END
  FROM owed WHERE due_on < %(today)s AND n %% 2 = 0""",
    f"""\
INSERT INTO entry (key, account, kind, subject, body, occurred_at, by, system, ours, contact)
  SELECT 'a03' || lpad(n::text, 12, '0') || 'AAA', {_account("1 + n %% %(accounts)s")},
    (ARRAY['Call', 'Note', 'Email', 'Escalation', 'Dunning'])[1 + n %% 5], 'Spoke about what is owed, ' || n,
    'They will look into it', now() - make_interval(hours => (n %% 3000)::int), 'Person ' || (1 + n %% {PEOPLE}),
    'Salesforce', false, n %% 5 IN (0, 2)
  FROM generate_series(1, %(accounts)s * 4) AS n""",
)
_STANDING = (  # kind, key, where it is found
    (
        "invoice",
        "i.key",
        (
            "invoice i JOIN customer c ON c.key = i.customer WHERE account IS NOT NULL "
            "AND (balance > 0 OR coalesce(paid_on, issued_on) > %(today)s::date - 400)"
        ),
    ),
    (
        "payment",
        "p.key",
        (
            "payment p JOIN customer c ON c.key = p.customer WHERE account IS NOT NULL "
            "AND paid_at > %(today)s::timestamptz - interval '400 days'"
        ),
    ),
    (
        "summary",
        "account || ':' || currency",
        (
            "(SELECT DISTINCT account, currency FROM total t JOIN customer c ON c.key = t.customer "
            "WHERE account IS NOT NULL) AS slots"
        ),
    ),
    ("account", "id", "(SELECT id, id AS account FROM account) AS a"),
    ("commitment", "id", "commitment"),
    ("dispute", "id", "dispute"),
    ("task", "key", "followup"),
)
_RECORD = """\
INSERT INTO record (kind, key, lane, marked, written, priority, marked_at, due_at, content, written_at, freshness_s)
  SELECT '{kind}', {key}, account, 1, 1, 1, now() - interval '1 day', now(), 'as written',
    now() - make_interval(mins => abs(hashtext({key}) %% 6000)), 1 + abs(hashtext({key}) %% 90) / 30.0 FROM {source}"""
_REFUSED = """\
CREATE TEMP TABLE refused ON COMMIT DROP AS SELECT kind, key, row_number() OVER () AS n FROM (
  SELECT kind, key FROM record ORDER BY hashtext(key) LIMIT %(parked_records)s) AS chosen"""
_REFUSALS = """\
INSERT INTO refusal (kind, key, sent, got)
  SELECT kind, key, jsonb_build_object('Key__c', key, 'Name', 'INV-1', 'Total__c', '12.50'),
    jsonb_build_object('code', 'REFUSED', 'reason', 'as told', 'fix', 'mend it')
  FROM refused"""
_PARK = """\
UPDATE record SET parked = %s, reason = %s, fix = %s, cause = %s, marked = marked + 1, content = NULL, attempts = 3,
    parked_at = now() - make_interval(mins => n::int %% 4000), due_at = now() + interval '1 hour'
  FROM refused r WHERE r.kind = record.kind AND r.key = record.key AND r.n %% %s = %s"""
_INBOX = """\
INSERT INTO inbox (connection, event_id, provider, type, scope, api_version, created, received_at, headers, body,
    status, reason, cause, attempts, processed_at)
  SELECT 'main', 'evt_' || n, 'stripe', 'invoice.updated', 'main', '2025-08-27.basil', 1700000000 + n,
    now() - make_interval(secs => n), '{}', convert_to('{"id": "evt_' || n || '", "type": "invoice.updated"}', 'UTF8'),
    CASE WHEN n <= %(parked_events)s THEN 'parked' ELSE 'processed' END,
    CASE WHEN n > %(parked_events)s THEN 'applied' ELSE (%(event_reasons)s::text[])[1 + n %% 2] END,
    CASE WHEN n <= %(parked_events)s THEN (%(event_causes)s::text[])[1 + n %% 2] END, 1, now()
  FROM generate_series(1, %(parked_events)s + 2000) AS n"""


def fill(conn: psycopg.Connection[Any], size: "Size", customers: "Sequence[Customer]") -> None:
    """Write all of it. A tenth of what is parked are events, the rest records."""
    values = {
        "accounts": size.accounts,
        "today": size.today,
        "parked_records": size.parked - size.parked // 10,
        "parked_events": size.parked // 10,
        "event_reasons": list(EVENT_CAUSES),
        "event_causes": [fingerprint("event", "invoice.updated", reason) for reason in EVENT_CAUSES],
        **dict(zip(("hold_code", "hold_reason", "hold_fix"), HOLD_CAUSE, strict=True)),
        "hold_cause": fingerprint("hold", *HOLD_CAUSE[:2]),
    }
    _accounts(conn, size, customers)
    standing = (_RECORD.replace("{kind}", kind).replace("{key}", key).replace("{source}", source)
                for kind, key, source in _STANDING)  # fmt: skip
    for statement in (*_SALESFORCE, *standing, _REFUSED, _REFUSALS, _INBOX):
        conn.execute(statement, values)
    for n, (code, reason, fix) in enumerate(RECORD_CAUSES):
        cause = fingerprint("record", code, reason)
        conn.execute(_PARK, (code, reason, fix, cause, len(RECORD_CAUSES), n))


def _accounts(conn: psycopg.Connection[Any], size: "Size", customers: "Sequence[Customer]") -> None:
    """Each account with the name of its first customer, and an owner; some people have many of them."""
    with conn.cursor().copy("COPY account (id, name, currency, owner, gone, read_at) FROM STDIN") as into:
        for n in range(1, size.accounts + 1):
            owner = 1 + (n * n) % PEOPLE
            into.write_row((account(n), customers[n - 1].name, "USD", f"005{owner:012}AAA", False, "now"))
