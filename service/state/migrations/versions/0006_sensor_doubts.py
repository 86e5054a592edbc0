"""Sensors that mislead: since when, until when, and up to where their readings say so."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sensor_doubts",
        sa.Column("machine", sa.String(64), nullable=False),
        sa.Column("sensor", sa.String(64), nullable=False),
        sa.Column("flag", sa.Integer(), nullable=False),
        sa.Column("since_ns", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("until_ns", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("machine", "sensor", "flag", "since_ns", name=op.f("pk_sensor_doubts")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("sensor_doubts")
