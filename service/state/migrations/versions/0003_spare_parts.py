"""Spare parts: what is on hand, what it fits, and what is on order."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "stock_items",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("part_number", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("fits", sa.Text(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("price_krw", sa.Float(), nullable=True),
        sa.Column("lead_time_days", sa.Float(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("minimum >= 0", name="ck_stock_items_minimum_not_negative"),
        sa.CheckConstraint("on_hand >= 0", name="ck_stock_items_on_hand_not_negative"),
        sa.PrimaryKeyConstraint("site", "part_number", name=op.f("pk_stock_items")),
    )
    op.create_table(
        "stock_orders",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("part_number", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("price_krw", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("quantity > 0", name="ck_stock_orders_quantity_positive"),
        sa.CheckConstraint("state IN ('open', 'received', 'cancelled')", name="ck_stock_orders_state_known"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_orders")),
    )
    op.create_index("ix_stock_orders_site_part_number", "stock_orders", ["site", "part_number"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_stock_orders_site_part_number", table_name="stock_orders")
    op.drop_table("stock_orders")
    op.drop_table("stock_items")
