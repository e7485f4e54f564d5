"""The tables behind finance's page: what was configured, who may do so, who did what, and long work that was asked for.

`config` is only ever added to: the newest row of an area holds, and undoing is adding an older value again, so nobody
can lose what somebody else had set.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from sync.db.crm_tables import metadata
from sync.db.tables import NOW, Instant

__all__ = [
    "audit",
    "config",
    "draft",
    "ignored",
    "kept_value",
    "link_line",
    "link_plan",
    "member",
    "metadata",
    "refusal",
    "sample",
    "secret",
    "web_session",
    "work",
]

config = Table(
    "config",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("area", Text, nullable=False, comment="mapping, rules, connections, access"),
    Column("value", JSONB, nullable=False),
    Column("note", Text, comment="why, in the words of whoever saved it"),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=NOW),
    Column("undoes", BigInteger, comment="the version whose value this one brings back"),
    Index("ix_config_area_id", "area", "id"),
)

draft = Table(
    "draft",
    metadata,
    Column("area", Text, primary_key=True, comment="one draft of an area, shared by all who edit it"),
    Column("value", JSONB, nullable=False),
    Column("based_on", BigInteger, nullable=False, comment="the version that was current; 0: none"),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=NOW),
)

secret = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True, comment="stripe:main:api_key and so on"),
    Column("sealed", LargeBinary, nullable=False, comment="Fernet token"),
    Column("hint", Text, comment="its last characters, so that people can tell two apart"),
    Column("set_by", Text, nullable=False),
    Column("set_at", Instant, nullable=False, server_default=NOW),
)

member = Table(
    "member",
    metadata,
    Column("name", Text, primary_key=True, comment="what is typed to sign in"),
    Column("password", Text, nullable=False, comment="argon2id"),
    Column("role", Text, nullable=False),
    Column("scope", Text, comment="viewers: the Salesforce user whose accounts they see; empty: all"),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=NOW),
    Column("disabled_at", Instant),
)

web_session = Table(
    "web_session",
    metadata,
    Column("id", Text, primary_key=True, comment="SHA-256 of what stands in the cookie"),
    Column("subject", Text, nullable=False, comment="member:NAME or salesforce:USER_ID"),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("scope", Text),
    Column("agent", Text, nullable=False, comment="digest of the browser it was given to"),
    Column("made_at", Instant, nullable=False, server_default=NOW),
    Column("seen_at", Instant, nullable=False, server_default=NOW),
    Column("ends_at", Instant, nullable=False),
    Column("checked_at", Instant, comment="when Salesforce was last asked what they may do; empty: a local member"),
    Index("ix_web_session_subject", "subject"),
    Index("ix_web_session_ends_at", "ends_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", Instant, nullable=False, server_default=NOW),
    Column("by", Text, nullable=False, comment="name of the person"),
    Column("subject", Text, nullable=False, comment="member:NAME or salesforce:USER_ID"),
    Column("action", Text, nullable=False, comment="what was done, in words: linked, saved mapping"),
    Column("what", Text, nullable=False, comment="to what"),
    Column("before", JSONB),
    Column("after", JSONB),
    Index("ix_audit_what", "what"),
)

work = Table(
    "work",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False, comment="see sync.jobs.WORK"),
    Column("argument", JSONB, nullable=False),
    Column("status", Text, nullable=False, server_default="waiting", comment="waiting, done, failed, stopped"),
    Column("place", JSONB, comment="where the next slice goes on"),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, comment="empty while it is not known"),
    Column("told", Text, comment="what it is at, or what came of it, in words"),
    Column("result", JSONB),
    Column("attempts", Integer, nullable=False, server_default="0", comment="slices that failed in a row"),
    Column("next_at", Instant, nullable=False, server_default=NOW),
    Column("held_until", Instant, comment="set while a slice is being done"),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False, server_default=NOW),
    Column("ended_at", Instant),
    Index("ix_work_waiting", "next_at", postgresql_where=text("status = 'waiting'")),
    Index("ix_work_kind_id", "kind", "id"),
)

sample = Table(
    "sample",
    metadata,
    Column("name", Text, nullable=False, comment="see sync.db.samples"),
    Column("at", Instant, nullable=False, comment="the minute it is about"),
    Column("value", Float, nullable=False),
    PrimaryKeyConstraint("name", "at"),
    Index("ix_sample_at", "at"),
)

refusal = Table(
    "refusal",
    metadata,
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("sent", JSONB, comment="the row as it was sent last"),
    Column("got", JSONB, nullable=False, comment="what Salesforce answered"),
    Column("at", Instant, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("kind", "key"),
)

ignored = Table(
    "ignored",
    metadata,
    Column("kind", Text, nullable=False, comment="event, hold, or kind of record"),
    Column("key", Text, nullable=False),
    Column("cause", Text, nullable=False, comment="fingerprint of the cause that is ignored; another is told again"),
    Column("version", BigInteger, nullable=False, comment="the wish that is ignored; a newer one is told again"),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("kind", "key"),
)

kept_value = Table(
    "kept_value",
    metadata,
    Column("kind", Text, nullable=False, comment="see sync.pipeline.publish.KINDS"),
    Column("key", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", JSONB, nullable=False, comment="what stood there before the field was ours"),
    Column("wrote", JSONB, comment="what we may have written there, as a list; empty: anything"),
    Column("version", BigInteger, nullable=False, comment="the mapping that took the field; 0: as it came"),
    Column("leaving", Boolean, nullable=False, server_default=text("false"), comment="it is to be put back"),
    PrimaryKeyConstraint("kind", "key", "field"),
)

link_plan = Table(
    "link_plan",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("source", Text, nullable=False, comment="file, or exact: suggestions accepted together"),
    Column("name", Text, nullable=False, comment="of the file"),
    Column("made_by", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=NOW),
    Column("moves", Boolean, nullable=False, server_default=text("false"), comment="linked customers may be changed"),
    Column("check_work", BigInteger, comment="the work that looks at its lines"),
    Column("apply_work", BigInteger, comment="the work that does them"),
)

link_line = Table(
    "link_line",
    metadata,
    Column("plan", BigInteger, nullable=False),
    Column("n", Integer, nullable=False, comment="line of the file"),
    Column("customer", Text, nullable=False),
    Column("wish", Text, nullable=False, comment="as given: an account id, none, not ours"),
    Column("reason", Text),
    Column("account", Text, comment="the full id that was meant"),
    Column("account_name", Text),
    Column("was_account", Text, comment="how the link stood when it was looked at"),
    Column("was_source", Text),
    Column("verdict", Text, comment="what would happen, see sync.core.link_file; empty until looked at"),
    Column("words", Text, comment="why not, or what else there is to know"),
    Column("outcome", Text, comment="done or left out; empty until then"),
    Column("told", Text, comment="why it was left out"),
    PrimaryKeyConstraint("plan", "n"),
)
