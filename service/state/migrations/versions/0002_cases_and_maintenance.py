"""Cases, conclusions and maintenance."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    "cases",
    "kept_predictions",
    "labels",
    "latest_predictions",
    "machine_health",
    "maintenance_events",
    "meter_entries",
    "models",
    "out_of_service",
    "part_lives",
    "watermarks",
    "case_events",
    "findings",
)


def upgrade() -> None:
    """Make the tables, those that others refer to first."""
    _make_cases()
    _make_kept_predictions()
    _make_labels()
    _make_latest_predictions()
    _make_machine_health()
    _make_maintenance_events()
    _make_meter_entries()
    _make_models()
    _make_out_of_service()
    _make_part_lives()
    _make_watermarks()
    _make_case_events()
    _make_findings()


def downgrade() -> None:
    """Drop the tables, those that refer to others first."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _make_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=200), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="ck_cases_closed_has_time"),
        sa.CheckConstraint("history = false OR state = 'closed'", name="ck_cases_history_is_closed"),
        sa.CheckConstraint("state IN ('raised', 'acknowledged', 'in_progress', 'closed')", name="ck_cases_state_known"),
        sa.CheckConstraint("severity BETWEEN 1 AND 3", name="ck_cases_severity_known"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_index("ix_cases_closed_at", "cases", ["closed_at"], unique=False)
    op.create_index("ix_cases_machine_raised_at", "cases", ["machine", "raised_at"], unique=False)
    op.create_index("ix_cases_raised_at_id", "cases", ["raised_at", "id"], unique=False)
    op.create_index(
        "uq_cases_open_machine",
        "cases",
        ["machine"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )


def _make_kept_predictions() -> None:
    op.create_table(
        "kept_predictions",
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_digest", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("reason IN ('daily', 'case')", name="ck_kept_predictions_reason_known"),
        sa.CheckConstraint("role IN ('champion', 'shadow', 'retired')", name="ck_kept_predictions_role_known"),
        sa.PrimaryKeyConstraint("machine", "slot", "made_at", "model_digest", "role", name="pk_kept_predictions"),
    )
    op.create_index(
        "uq_kept_predictions_daily",
        "kept_predictions",
        ["machine", "slot", "role", "day"],
        unique=True,
        sqlite_where=sa.text("reason = 'daily'"),
        postgresql_where=sa.text("reason = 'daily'"),
    )


def _make_labels() -> None:
    op.create_table(
        "labels",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("finding_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "kind IN ('real_failure', 'prevented', 'nothing_found', 'sensor_or_network', 'process_change', 'planned_work')",
            name="ck_labels_kind_known",
        ),
        sa.CheckConstraint("ends_at >= starts_at", name="ck_labels_ends_after_start"),
        sa.PrimaryKeyConstraint("id", name="pk_labels"),
    )
    op.create_index("ix_labels_machine_starts_at", "labels", ["machine", "starts_at"], unique=False)


def _make_latest_predictions() -> None:
    op.create_table(
        "latest_predictions",
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("replace_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("forecast", sa.Text(), nullable=False),
        sa.Column("stale_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('champion', 'shadow', 'retired')", name="ck_latest_predictions_role_known"),
        sa.CheckConstraint(
            "status IN ('ok', 'learning', 'no_data', 'out_of_domain')", name="ck_latest_predictions_status_known"
        ),
        sa.PrimaryKeyConstraint("machine", "slot", "role", name="pk_latest_predictions"),
    )
    op.create_index("ix_latest_predictions_stale_since", "latest_predictions", ["stale_since"], unique=False)


def _make_machine_health() -> None:
    op.create_table(
        "machine_health",
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("health", sa.Float(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('ok', 'learning', 'no_data', 'not_running')", name="ck_machine_health_status_known"
        ),
        sa.PrimaryKeyConstraint("machine", name="pk_machine_health"),
    )


def _make_maintenance_events() -> None:
    op.create_table(
        "maintenance_events",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('preventive', 'corrective', 'condition_based', 'inspection', 'calibration')",
            name="ck_maintenance_events_kind_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_maintenance_events"),
    )
    op.create_index("ix_maintenance_events_machine_at", "maintenance_events", ["machine", "at"], unique=False)


def _make_meter_entries() -> None:
    op.create_table(
        "meter_entries",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "unit IN ('operating_hours', 'cutting_minutes', 'shots', 'strokes', 'starts', 'kilometres', 'calendar_days')",
            name="ck_meter_entries_unit_known",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_meter_entries"),
    )
    op.create_index("ix_meter_entries_machine_number", "meter_entries", ["machine", "number"], unique=False)


def _make_models() -> None:
    op.create_table(
        "models",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("equipment_type", sa.String(length=200), nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("role_since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('champion', 'shadow', 'retired')", name="ck_models_role_known"),
        sa.PrimaryKeyConstraint("digest", name="pk_models"),
    )
    op.create_index(
        "uq_models_champion",
        "models",
        ["equipment_type"],
        unique=True,
        sqlite_where=sa.text("role = 'champion'"),
        postgresql_where=sa.text("role = 'champion'"),
    )


def _make_out_of_service() -> None:
    op.create_table(
        "out_of_service",
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("ends_at > since", name="ck_out_of_service_ends_after_start"),
        sa.PrimaryKeyConstraint("machine", name="pk_out_of_service"),
    )


def _make_part_lives() -> None:
    op.create_table(
        "part_lives",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("part_type", sa.String(length=200), nullable=False),
        sa.Column("life_unit", sa.String(length=32), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("meter_at_install", sa.Float(), nullable=False),
        sa.Column("age_at_install", sa.Float(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("meter_at_removal", sa.Float(), nullable=True),
        sa.Column("removal_reason", sa.String(length=32), nullable=True),
        sa.Column("failure_mode", sa.String(length=200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "life_unit IN ('operating_hours', 'cutting_minutes', 'shots', 'strokes', 'starts', 'kilometres', 'calendar_days')",
            name="ck_part_lives_life_unit_known",
        ),
        sa.CheckConstraint(
            "removal_reason IN ('failed', 'planned', 'opportunistic', 'inspection', 'unknown')",
            name="ck_part_lives_removal_reason_known",
        ),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removal_reason IS NULL) AND (removed_at IS NOT NULL OR meter_at_removal IS NULL)",
            name="ck_part_lives_removal_is_whole",
        ),
        sa.CheckConstraint("age_at_install IS NULL OR age_at_install >= 0", name="ck_part_lives_age_not_negative"),
        sa.CheckConstraint(
            "meter_at_removal IS NULL OR meter_at_removal >= meter_at_install", name="ck_part_lives_meter_never_back"
        ),
        sa.CheckConstraint(
            "removed_at IS NULL OR removed_at >= installed_at", name="ck_part_lives_removed_after_installed"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_part_lives"),
    )
    op.create_index("ix_part_lives_installed_at_id", "part_lives", ["installed_at", "id"], unique=False)
    op.create_index(
        "ix_part_lives_machine_slot_installed_at", "part_lives", ["machine", "slot", "installed_at"], unique=False
    )
    op.create_index(
        "uq_part_lives_open_slot",
        "part_lives",
        ["machine", "slot"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def _make_watermarks() -> None:
    op.create_table(
        "watermarks",
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("window_end_ns", sa.BigInteger(), nullable=False),
        sa.Column("detection_state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("machine", name="pk_watermarks"),
    )


def _make_case_events() -> None:
    op.create_table(
        "case_events",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("finding_key", sa.String(length=200), nullable=True),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('raised', 'finding_added', 'finding_grew', 'finding_ended', 'finding_returned', 'severity_raised', 'cleared', 'returned', 'acknowledged', 'part_replaced', 'finding_judged', 'closed')",
            name="ck_case_events_kind_known",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_events_case_id_cases", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "number", name="pk_case_events"),
    )


def _make_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=True),
        sa.Column("sensors", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.CheckConstraint("kind IN ('limit', 'anomaly', 'replace', 'no_data')", name="ck_findings_kind_known"),
        sa.CheckConstraint(
            "verdict IN ('real_failure', 'prevented', 'nothing_found', 'sensor_or_network', 'process_change', 'planned_work')",
            name="ck_findings_verdict_known",
        ),
        sa.CheckConstraint("severity BETWEEN 1 AND 3", name="ck_findings_severity_known"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_findings_case_id_cases", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "id", name="pk_findings"),
    )
    op.create_index("uq_findings_case_id_key", "findings", ["case_id", "key"], unique=True)
