"""Every table. Money is bigint minor units, instants are timestamptz, days are dates.

`object` holds what the billing systems said, one row per provider object; `invoice`, `allocation`, `payment` and the
sums are derived from it and can be derived again. `record` holds one row per Salesforce record: what is to be
written, what was written, and what Salesforce refused.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

AnyRow = Row[*tuple[Any, ...]]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Instant = DateTime(timezone=True)
NOW = text("clock_timestamp()")

inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("connection", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("type", Text),
    Column("scope", Text, nullable=False, comment="connection, or connection/account for a connected account"),
    Column("api_version", Text),
    Column("created", BigInteger, comment="the event's own time, epoch seconds by the provider's clock"),
    Column("received_at", Instant, nullable=False, server_default=NOW),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("status", Text, nullable=False, server_default="received", comment="received, processed, parked"),
    Column("reason", Text, comment="what processing it led to, or why it is parked"),
    Column("cause", Text, comment="fingerprint of why it is parked: like ones share it"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant, nullable=False, server_default=NOW),
    Column("processed_at", Instant),
    UniqueConstraint("connection", "event_id"),
    Index("ix_inbox_waiting", "id", postgresql_where=text("status = 'received'")),
    Index("ix_inbox_parked", "id", postgresql_where=text("status = 'parked'")),
    Index("ix_inbox_cause", "cause", postgresql_where=text("status = 'parked'")),
    # Empty while an event is being received, so whoever receives it does not write to this index.
    Index("ix_inbox_processed_at", "processed_at", postgresql_where=text("processed_at IS NOT NULL")),
)

object_ = Table(
    "object",
    metadata,
    Column("key", Text, primary_key=True, comment="scope:provider_id"),
    Column("kind", Text, nullable=False, comment="kind of facts"),
    Column("source", Text, comment="kind under which the provider lets it be fetched"),
    Column("scope", Text, nullable=False),
    Column("facts", JSONB),
    Column("stamp", BigInteger, nullable=False, comment="provider second that the facts are known to include"),
    Column("read_until", BigInteger, nullable=False, comment="events up to this second may be included already"),
    Column("version", BigInteger, nullable=False),
    Column("candidate", JSONB, comment="facts waiting for the answer of a fetch"),
    Column("doubtful", Boolean, nullable=False, server_default=text("false"), comment="reconciliation should look"),
    Column("customer", Text),
    Column("invoice", Text),
    Column("payment", Text),
    Column("charge", Text),
    Column("fetch_at", Instant, comment="set while a fetch is wanted: when to do it"),
    Column("fetch_until", Instant, comment="set while a fetch is in flight: when to give it up"),
    Column("fetch_attempts", Integer, nullable=False, server_default="0"),
    Column("fetch_error", Text),
    Column("trace", Text, comment="the event that asked for the fetch"),
    Column("asked_at", Instant, comment="when that event was received"),
    Column("changed_at", Instant, nullable=False, server_default=NOW),
    Index("ix_object_fetch", "fetch_at", postgresql_where=text("fetch_at IS NOT NULL")),
    Index("ix_object_doubtful", "scope", postgresql_where=text("doubtful")),
    Index("ix_object_invoice_kind", "invoice", "kind", postgresql_where=text("invoice IS NOT NULL")),
    Index("ix_object_payment_kind", "payment", "kind", postgresql_where=text("payment IS NOT NULL")),
    Index("ix_object_charge_kind", "charge", "kind", postgresql_where=text("charge IS NOT NULL")),
    Index("ix_object_credit_note", "invoice", postgresql_where=text("kind = 'credit_note'")),
    Index(
        "ix_object_credit_entry",
        "customer",
        "key",
        postgresql_where=text("kind = 'credit_entry'"),
    ),
)

customer = Table(
    "customer",
    metadata,
    Column("key", Text, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("domain", Text),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
    Column("account", Text, comment="Salesforce account id once linked"),
    Column("link_source", Text, comment="see sync.core.linking.LinkSource"),
    Column("link_problem", Text, comment="why no link could be made, in words"),
    Column("linked_at", Instant),
    Column("looked_up_at", Instant, comment="when Salesforce was last asked for its account"),
    Column("match", Text, comment="how far the suggestions go: exact, one, several, none; empty: not looked up yet"),
    Index("ix_customer_account", "account", postgresql_where=text("account IS NOT NULL")),
    Index("ix_customer_unlinked", "looked_up_at", postgresql_where=text("account IS NULL AND NOT deleted")),
)

suggestion = Table(
    "suggestion",
    metadata,
    Column("customer", Text, ForeignKey("customer.key"), nullable=False),
    Column("account", Text, nullable=False),
    Column("account_name", Text, nullable=False),
    Column("website", Text),
    Column("owner", Text, comment="name of the account's owner"),
    Column("evidence", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="see sync.core.matching"),
    Column("rank", Integer, nullable=False, server_default="0", comment="the best is 0"),
    Column("exact", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("customer", "account"),
)

credit = Table(
    "credit",
    metadata,
    Column("customer", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False, comment="unapplied credit; negative: owed on the next invoice"),
    PrimaryKeyConstraint("customer", "currency"),
)

invoice = Table(
    "invoice",
    metadata,
    Column("key", Text, primary_key=True),
    Column("customer", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("posted", Boolean, nullable=False),
    Column("number", Text),
    Column("total", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("credited", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("written_off", BigInteger, nullable=False),
    Column("issued_on", Date),
    Column("due_on", Date),
    Column("paid_on", Date),
    Column("void_on", Date),
    Column("pay_url", Text),
    Column("pdf_url", Text),
    Column("next_change_on", Date, comment="the day on which time alone changes its bucket"),
    Column("collecting", Boolean, comment="whether the billing system chases it by itself"),
    Column("held", Boolean, nullable=False, server_default=text("false"), comment="our dunning hold stands there"),
    Column("postings", JSONB, nullable=False),
    Index(
        "ix_invoice_open",
        "customer",
        "currency",
        postgresql_include=["due_on", "balance"],
        postgresql_where=text("balance > 0"),
    ),
    Index("ix_invoice_customer", "customer", postgresql_where=text("posted")),
    Index(
        "ix_invoice_uneven",
        "currency",
        postgresql_where=text("posted AND total <> paid + balance AND (paid > 0 OR status <> 'void')"),
    ),
    Index("ix_invoice_number", "number", postgresql_where=text("number IS NOT NULL")),
    Index("ix_invoice_turn", "next_change_on", postgresql_where=text("next_change_on IS NOT NULL")),
)

allocation = Table(
    "allocation",
    metadata,
    Column("invoice", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("customer", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("payment", Text),
    Column("amount", BigInteger, nullable=False),
    Column("paid_at", Instant, nullable=False),
    PrimaryKeyConstraint("invoice", "n"),
    Index("ix_allocation_payment", "payment", postgresql_where=text("payment IS NOT NULL")),
    Index("ix_allocation_latest", "customer", "currency", text("paid_at DESC")),
)

payment = Table(
    "payment",
    metadata,
    Column("key", Text, primary_key=True),
    Column("customer", Text),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("charged_back", BigInteger, nullable=False),
    Column("method", Text),
    Column("paid_at", Instant, nullable=False),
    Column("receivable", Boolean, nullable=False),
    Column("postings", JSONB, nullable=False),
    Index("ix_payment_customer", "customer"),
)

day_sum = Table(
    "day_sum",
    metadata,
    Column("customer", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("invoiced", BigInteger, nullable=False, server_default="0"),
    Column("collected", BigInteger, nullable=False, server_default="0"),
    Column("late_amount", BigInteger, nullable=False, server_default="0"),
    Column("late_weight", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("customer", "currency", "day"),
)

total = Table(
    "total",
    metadata,
    Column("customer", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("invoiced", BigInteger, nullable=False, server_default="0"),
    Column("collected", BigInteger, nullable=False, server_default="0"),
    Column("written_off", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("customer", "currency"),
)

record = Table(
    "record",
    metadata,
    Column("kind", Text, nullable=False, comment="see sync.pipeline.publish.KINDS"),
    Column("key", Text, nullable=False),
    Column("lane", Text, nullable=False, comment="the Salesforce account it belongs to"),
    Column("marked", BigInteger, nullable=False, comment="counts every wish to write it"),
    Column("written", BigInteger, nullable=False, server_default="0", comment="the last wish that was fulfilled"),
    Column("priority", Integer, nullable=False),
    Column("marked_at", Instant, nullable=False, comment="since when something waits"),
    Column("event_at", Instant, comment="when the oldest event behind it was received"),
    Column("trace", Text, comment="the latest event behind it"),
    Column("due_at", Instant, nullable=False, comment="not to be tried before"),
    Column("sending_until", Instant, comment="a request that carries it may be alive until then"),
    Column("rewrite_at", Instant, comment="write it again then, because an answer was lost"),
    Column("content", Text, comment="fingerprint of what Salesforce is known to hold"),
    Column("left_out", Text, comment="fields that the org did not let us write, with commas between"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("parked", Text, comment="code of the refusal; empty while it may be tried"),
    Column("reason", Text),
    Column("fix", Text),
    Column("cause", Text, comment="fingerprint of why it is parked: like ones share it"),
    Column("parked_at", Instant),
    Column("written_at", Instant),
    Column("freshness_s", Float, comment="seconds from event to Salesforce, at the last write"),
    Column("next_change_on", Date, comment="summaries: the day on which time alone changes a figure"),
    PrimaryKeyConstraint("kind", "key"),
    Index("ix_record_waiting", "due_at", "lane", postgresql_where=text("marked > written")),
    Index("ix_record_lane", "lane"),
    Index("ix_record_parked", "parked", postgresql_where=text("parked IS NOT NULL")),
    Index("ix_record_cause", "cause", postgresql_where=text("parked IS NOT NULL")),
    Index("ix_record_sending", "sending_until", postgresql_where=text("sending_until IS NOT NULL")),
    Index("ix_record_rewrite", "rewrite_at", postgresql_where=text("rewrite_at IS NOT NULL")),
    Index("ix_record_turn", "next_change_on", postgresql_where=text("next_change_on IS NOT NULL")),
    Index("ix_record_left_out", "kind", "left_out", postgresql_where=text("left_out IS NOT NULL")),
    Index("ix_record_written_at", "written_at"),
)

lane = Table(
    "lane",
    metadata,
    Column("account", Text, primary_key=True),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("leased_until", Instant, nullable=False, server_default=text("'-infinity'")),
)

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True, comment="Salesforce account id"),
    Column("name", Text, nullable=False),
    Column("currency", Text),
    Column("owner", Text),
    Column("gone", Boolean, nullable=False, server_default=text("false")),
    Column("read_at", Instant, nullable=False),
)

cursor = Table(
    "cursor",
    metadata,
    Column("name", Text, primary_key=True, comment="what is being walked through"),
    Column("position", JSONB, nullable=False),
    Column("updated_at", Instant, nullable=False, server_default=NOW),
)

api_use = Table(
    "api_use",
    metadata,
    Column("hour", Instant, primary_key=True),
    Column("calls", Integer, nullable=False),
)
