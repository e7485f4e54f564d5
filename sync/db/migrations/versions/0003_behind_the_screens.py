"""behind the screens."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Invoices are read from the beginning once more, as far as people changed them: whom they were assigned to is new.
_READ_INVOICES_AGAIN = "UPDATE cursor SET position = position - 'invoice' WHERE name = 'read back'"


def upgrade() -> None:
    op.create_table(
        "assignment",
        sa.Column("invoice", sa.Text(), nullable=False),
        sa.Column(
            "person",
            sa.Text(),
            nullable=True,
            comment="Salesforce id of the user who follows it up; empty once given back",
        ),
        sa.Column("name", sa.Text(), nullable=True, comment="their name"),
        sa.Column("former", sa.Text(), nullable=True, comment="Salesforce id of who had it before"),
        sa.Column(
            "read_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the look that read it last began",
        ),
        sa.PrimaryKeyConstraint("invoice", name=op.f("pk_assignment")),
    )
    op.alter_column(
        "entry",
        "account",
        existing_type=sa.TEXT(),
        nullable=True,
        comment="empty while the customer that it concerns is linked to none",
    )
    op.create_index(
        "ix_entry_notice",
        "entry",
        ["account", sa.literal_column("occurred_at DESC")],
        unique=False,
        postgresql_where=sa.text("kind = 'Final Notice'"),
    )
    op.create_index(
        "ix_entry_invoice", "entry", ["invoice"], unique=False, postgresql_where=sa.text("invoice IS NOT NULL")
    )
    op.execute(_READ_INVOICES_AGAIN)
