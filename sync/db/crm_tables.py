"""The tables of the way back: what people do in the CRM, and what follows from it.

`crm` holds what Salesforce said of each record, one row per Salesforce id. `commitment`, `dispute`, `hold`, `followup`
and the entries that we make ourselves are decided from it and from the ledger, account by account (`review`), and can
be decided again at any time.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from sync.db.tables import NOW, Instant, metadata

__all__ = [
    "assignment",
    "commitment",
    "coverage",
    "crm",
    "dispute",
    "entry",
    "followup",
    "hold",
    "metadata",
    "person",
    "review",
    "teammate",
]

crm = Table(
    "crm",
    metadata,
    Column("id", Text, primary_key=True, comment="Salesforce id"),
    Column("kind", Text, nullable=False, comment="commitment, dispute, activity, task"),
    Column("account", Text, comment="the account it concerns: its invoice's, else what Salesforce says"),
    Column("invoice", Text, comment="key of the invoice that it names"),
    Column("row", JSONB, nullable=False, comment="the fields as read, without stamps"),
    Column("stamp", Instant, nullable=False, comment="SystemModstamp as read"),
    Column("deleted", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False, comment="by Salesforce's clock"),
    Column("changed_by", Text, comment="who changed it last, by name"),
    Column("changed_at", Instant, nullable=False, comment="by Salesforce's clock"),
    Column("read_at", Instant, nullable=False, server_default=NOW),
    Index("ix_crm_account_kind", "account", "kind"),
    Index("ix_crm_invoice", "invoice", postgresql_where=text("invoice IS NOT NULL")),
    Index("ix_crm_read_at", "read_at"),
)

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True, comment="Salesforce user id"),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("role", Text),
    Column("active", Boolean, nullable=False),
)

teammate = Table(
    "teammate",
    metadata,
    Column("id", Text, primary_key=True, comment="id of the AccountTeamMember"),
    Column("account", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("role", Text),
    Index("ix_teammate_account", "account"),
)

review = Table(
    "review",
    metadata,
    Column("account", Text, primary_key=True),
    Column("wanted", BigInteger, nullable=False, server_default="0", comment="counts every wish to look at it"),
    Column("done", BigInteger, nullable=False, server_default="0", comment="the last wish that was fulfilled"),
    Column("next_on", Date, comment="the day on which time alone calls for a look"),
    Column("since", Instant, comment="when the oldest wish came"),
    Column("due_at", Instant, nullable=False, server_default=NOW),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("cause", Text, comment="fingerprint of the error: like ones share it"),
    Index("ix_review_waiting", "due_at", postgresql_where=text("wanted > done")),
    Index("ix_review_turn", "next_on", postgresql_where=text("next_on IS NOT NULL")),
)

commitment = Table(
    "commitment",
    metadata,
    Column("id", Text, primary_key=True, comment="Salesforce id"),
    Column("account", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("shown_in", Text, nullable=False, comment="the currency in which Salesforce shows its amounts"),
    Column("amount", BigInteger, comment="empty: all that is owed on its invoices"),
    Column("promised_on", Date),
    Column("made_at", Instant, nullable=False),
    Column("made_on", Date, nullable=False),
    Column("by", Text),
    Column("cancelled", Boolean, nullable=False),
    Column("named", Text, nullable=False, comment="what its owner wrote that decides its invoices; new text, new look"),
    Column("status", Text, nullable=False),
    Column("kept", BigInteger, nullable=False),
    Column("kept_on", Date),
    Column("promised", BigInteger, nullable=False, comment="what is still promised: 0 unless open"),
    Column("covers", Text, comment="the numbers of its invoices, for people"),
    Column("problem", Text, comment="why it cannot be used as written, and what to do"),
    Column("hold_state", Text, nullable=False),
    Index("ix_commitment_account", "account"),
)

coverage = Table(
    "coverage",
    metadata,
    Column("commitment", Text, nullable=False),
    Column("invoice", Text, nullable=False),
    Column("n", Integer, nullable=False),
    PrimaryKeyConstraint("commitment", "invoice"),
    Index("ix_coverage_invoice", "invoice"),
)

dispute = Table(
    "dispute",
    metadata,
    Column("id", Text, primary_key=True, comment="Salesforce id"),
    Column("account", Text, nullable=False),
    Column("invoice", Text),
    Column("currency", Text),
    Column("amount", BigInteger, comment="empty: the whole balance"),
    Column("open", Boolean, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("by", Text),
    Column("category", Text),
    Column("contested", BigInteger, nullable=False, comment="what is contested of its invoice now"),
    Column("sla_due_at", Instant, nullable=False),
    Column("breached", Boolean, nullable=False),
    Column("problem", Text),
    Column("hold_state", Text, nullable=False),
    Index("ix_dispute_account", "account"),
    Index("ix_dispute_invoice", "invoice", postgresql_where=text("invoice IS NOT NULL")),
)

hold = Table(
    "hold",
    metadata,
    Column("invoice", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("note", Text, comment="why, as it stands in the billing system"),
    Column("version", BigInteger, nullable=False, comment="counts every change of what is wanted"),
    Column("applied", BigInteger, comment="the version that the billing system is known to hold"),
    Column("state", Text, nullable=False),
    Column("due_at", Instant, nullable=False, server_default=NOW),
    Column("leased_until", Instant),
    Column("again_at", Instant, comment="an answer was lost: look again then"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("parked", Text, comment="code of the refusal"),
    Column("reason", Text),
    Column("fix", Text),
    Column("cause", Text, comment="fingerprint of why it is parked: like ones share it"),
    Column("parked_at", Instant),
    Column("settled_at", Instant, comment="when the billing system last answered as wanted"),
    Index("ix_hold_parked", "cause", postgresql_where=text("parked IS NOT NULL")),
    Index("ix_hold_settled_at", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
    Index("ix_hold_waiting", "due_at", postgresql_where=text("applied IS DISTINCT FROM version")),
    Index("ix_hold_again", "again_at", postgresql_where=text("again_at IS NOT NULL")),
    Index("ix_hold_account", "account"),
)

followup = Table(
    "followup",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("invoice", Text),
    Column("commitment", Text),
    Column("subject", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("high", Boolean, nullable=False),
    Column("outcome", Text, comment="empty while there is something to do; else why it is over"),
    Column("task", Text, comment="Salesforce id of its Task"),
    Column("left_there", JSONB, comment="what we left in the fields that are theirs"),
    Column("theirs", Text, comment="worked_on or deleted: a person took it in hand, we leave it alone"),
    Index("ix_followup_account", "account"),
    Index("ix_followup_invoice", "invoice", postgresql_where=text("invoice IS NOT NULL")),
)

assignment = Table(
    "assignment",
    metadata,
    Column("invoice", Text, primary_key=True),
    Column("person", Text, comment="Salesforce id of the user who follows it up; empty once given back"),
    Column("name", Text, comment="their name"),
    Column("former", Text, comment="Salesforce id of who had it before"),
    Column("read_at", Instant, nullable=False, comment="when the look that read it last began"),
)

entry = Table(
    "entry",
    metadata,
    Column("key", Text, primary_key=True, comment="a Salesforce id, or ours"),
    Column("account", Text, comment="empty while the customer that it concerns is linked to none"),
    Column("kind", Text, nullable=False, comment="as AR_Activity__c.Kind__c spells it"),
    Column("subject", Text, nullable=False),
    Column("body", Text),
    Column("occurred_at", Instant, nullable=False),
    Column("by", Text, comment="a person's name"),
    Column("system", Text, nullable=False),
    Column("invoice", Text),
    Column("commitment", Text),
    Column("dispute", Text),
    Column("amount", BigInteger),
    Column("currency", Text),
    Column("ours", Boolean, nullable=False, comment="made by us, and shown in Salesforce by us"),
    Column("contact", Boolean, nullable=False, comment="somebody spoke with the customer"),
    Index("ix_entry_timeline", "account", text("occurred_at DESC")),
    Index("ix_entry_contact", "account", text("occurred_at DESC"), postgresql_where=text("contact")),
    Index("ix_entry_notice", "account", text("occurred_at DESC"), postgresql_where=text("kind = 'Final Notice'")),
    Index("ix_entry_invoice", "invoice", postgresql_where=text("invoice IS NOT NULL")),
)
