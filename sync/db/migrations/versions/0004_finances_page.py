"""finance's page."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="name of the person"),
        sa.Column("subject", sa.Text(), nullable=False, comment="member:NAME or salesforce:USER_ID"),
        sa.Column("action", sa.Text(), nullable=False, comment="what was done, in words: linked, saved mapping"),
        sa.Column("what", sa.Text(), nullable=False, comment="to what"),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_what", "audit", ["what"], unique=False)
    op.create_table(
        "config",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area", sa.Text(), nullable=False, comment="mapping, rules, connections, access"),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True, comment="why, in the words of whoever saved it"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=True, comment="the version whose value this one brings back"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_config")),
    )
    op.create_index("ix_config_area_id", "config", ["area", "id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("area", sa.Text(), nullable=False, comment="one draft of an area, shared by all who edit it"),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("based_on", sa.BigInteger(), nullable=False, comment="the version that was current; 0: none"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_draft")),
    )
    op.create_table(
        "ignored",
        sa.Column("kind", sa.Text(), nullable=False, comment="event, hold, or kind of record"),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "cause",
            sa.Text(),
            nullable=False,
            comment="fingerprint of the cause that is ignored; another is told again",
        ),
        sa.Column(
            "version", sa.BigInteger(), nullable=False, comment="the wish that is ignored; a newer one is told again"
        ),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_ignored")),
    )
    op.create_table(
        "kept_value",
        sa.Column("kind", sa.Text(), nullable=False, comment="see sync.pipeline.publish.KINDS"),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column(
            "value",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what stood there before the field was ours",
        ),
        sa.Column(
            "wrote",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="what we may have written there, as a list; empty: anything",
        ),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="the mapping that took the field; 0: as it came"),
        sa.Column(
            "leaving", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="it is to be put back"
        ),
        sa.PrimaryKeyConstraint("kind", "key", "field", name=op.f("pk_kept_value")),
    )
    op.create_table(
        "link_line",
        sa.Column("plan", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False, comment="line of the file"),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False, comment="as given: an account id, none, not ours"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True, comment="the full id that was meant"),
        sa.Column("account_name", sa.Text(), nullable=True),
        sa.Column("was_account", sa.Text(), nullable=True, comment="how the link stood when it was looked at"),
        sa.Column("was_source", sa.Text(), nullable=True),
        sa.Column(
            "verdict",
            sa.Text(),
            nullable=True,
            comment="what would happen, see sync.core.link_file; empty until looked at",
        ),
        sa.Column("words", sa.Text(), nullable=True, comment="why not, or what else there is to know"),
        sa.Column("outcome", sa.Text(), nullable=True, comment="done or left out; empty until then"),
        sa.Column("told", sa.Text(), nullable=True, comment="why it was left out"),
        sa.PrimaryKeyConstraint("plan", "n", name=op.f("pk_link_line")),
    )
    op.create_table(
        "link_plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="file, or exact: suggestions accepted together"),
        sa.Column("name", sa.Text(), nullable=False, comment="of the file"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column(
            "moves",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="linked customers may be changed",
        ),
        sa.Column("check_work", sa.BigInteger(), nullable=True, comment="the work that looks at its lines"),
        sa.Column("apply_work", sa.BigInteger(), nullable=True, comment="the work that does them"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_plan")),
    )
    op.create_table(
        "member",
        sa.Column("name", sa.Text(), nullable=False, comment="what is typed to sign in"),
        sa.Column("password", sa.Text(), nullable=False, comment="argon2id"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "scope",
            sa.Text(),
            nullable=True,
            comment="viewers: the Salesforce user whose accounts they see; empty: all",
        ),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_member")),
    )
    op.create_table(
        "refusal",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "sent", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="the row as it was sent last"
        ),
        sa.Column("got", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="what Salesforce answered"),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_refusal")),
    )
    op.create_table(
        "sample",
        sa.Column("name", sa.Text(), nullable=False, comment="see sync.db.samples"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="the minute it is about"),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", "at", name=op.f("pk_sample")),
    )
    op.create_index("ix_sample_at", "sample", ["at"], unique=False)
    op.create_table(
        "secret",
        sa.Column("name", sa.Text(), nullable=False, comment="stripe:main:api_key and so on"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="Fernet token"),
        sa.Column("hint", sa.Text(), nullable=True, comment="its last characters, so that people can tell two apart"),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret")),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.Text(), nullable=False, comment="SHA-256 of what stands in the cookie"),
        sa.Column("subject", sa.Text(), nullable=False, comment="member:NAME or salesforce:USER_ID"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=False, comment="digest of the browser it was given to"),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "checked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when Salesforce was last asked what they may do; empty: a local member",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
    )
    op.create_index("ix_web_session_ends_at", "web_session", ["ends_at"], unique=False)
    op.create_index("ix_web_session_subject", "web_session", ["subject"], unique=False)
    op.create_table(
        "work",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="see sync.jobs.WORK"),
        sa.Column("argument", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status", sa.Text(), server_default="waiting", nullable=False, comment="waiting, done, failed, stopped"
        ),
        sa.Column(
            "place", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="where the next slice goes on"
        ),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True, comment="empty while it is not known"),
        sa.Column("told", sa.Text(), nullable=True, comment="what it is at, or what came of it, in words"),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False, comment="slices that failed in a row"),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True, comment="set while a slice is being done"),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
    )
    op.create_index("ix_work_kind_id", "work", ["kind", "id"], unique=False)
    op.create_index(
        "ix_work_waiting", "work", ["next_at"], unique=False, postgresql_where=sa.text("status = 'waiting'")
    )
    op.create_index("ix_crm_read_at", "crm", ["read_at"], unique=False)
    op.add_column(
        "customer",
        sa.Column(
            "match",
            sa.Text(),
            nullable=True,
            comment="how far the suggestions go: exact, one, several, none; empty: not looked up yet",
        ),
    )
    op.alter_column(
        "customer",
        "link_source",
        existing_type=sa.TEXT(),
        comment="see sync.core.linking.LinkSource",
        existing_nullable=True,
    )
    op.add_column(
        "hold",
        sa.Column("cause", sa.Text(), nullable=True, comment="fingerprint of why it is parked: like ones share it"),
    )
    op.add_column("hold", sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "hold",
        sa.Column(
            "settled_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the billing system last answered as wanted",
        ),
    )
    op.create_index("ix_hold_parked", "hold", ["cause"], unique=False, postgresql_where=sa.text("parked IS NOT NULL"))
    op.create_index(
        "ix_hold_settled_at", "hold", ["settled_at"], unique=False, postgresql_where=sa.text("settled_at IS NOT NULL")
    )
    op.add_column(
        "inbox",
        sa.Column("cause", sa.Text(), nullable=True, comment="fingerprint of why it is parked: like ones share it"),
    )
    op.create_index("ix_inbox_cause", "inbox", ["cause"], unique=False, postgresql_where=sa.text("status = 'parked'"))
    op.create_index(
        "ix_inbox_processed_at",
        "inbox",
        ["processed_at"],
        unique=False,
        postgresql_where=sa.text("processed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_invoice_number", "invoice", ["number"], unique=False, postgresql_where=sa.text("number IS NOT NULL")
    )
    op.create_index(
        "ix_invoice_uneven",
        "invoice",
        ["currency"],
        unique=False,
        postgresql_where=sa.text("posted AND total <> paid + balance AND (paid > 0 OR status <> 'void')"),
    )
    op.create_index(
        "ix_object_credit_note", "object", ["invoice"], unique=False, postgresql_where=sa.text("kind = 'credit_note'")
    )
    op.add_column(
        "record",
        sa.Column("cause", sa.Text(), nullable=True, comment="fingerprint of why it is parked: like ones share it"),
    )
    op.create_index(
        "ix_record_cause", "record", ["cause"], unique=False, postgresql_where=sa.text("parked IS NOT NULL")
    )
    op.add_column(
        "review", sa.Column("cause", sa.Text(), nullable=True, comment="fingerprint of the error: like ones share it")
    )
    op.add_column("suggestion", sa.Column("website", sa.Text(), nullable=True))
    op.add_column("suggestion", sa.Column("owner", sa.Text(), nullable=True, comment="name of the account's owner"))
    op.add_column(
        "suggestion",
        sa.Column(
            "evidence",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="see sync.core.matching",
        ),
    )
    op.add_column(
        "suggestion", sa.Column("rank", sa.Integer(), server_default="0", nullable=False, comment="the best is 0")
    )
    op.add_column("suggestion", sa.Column("exact", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_column("suggestion", "reason")
