"""Which sites an imported table is about: who may see one of them alone sees its tables alone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of earlier imports the sites are not known, and only who may see all of them sees those."""
    with op.batch_alter_table("table_imports") as table:
        table.add_column(sa.Column("sites", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("table_imports") as table:
        table.drop_column("sites")
