"""The migration that the tables of Flask-Intacct came with in their first version, as a host keeps it for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "intacct_connection",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("company_name", sa.String(length=255), nullable=False),
        sa.Column("live_company", sa.String(length=64), nullable=True),
        sa.Column("live_target", sa.String(length=255), nullable=True),
        sa.Column("intacct_company", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("password_sealed", sa.Text(), nullable=False),
        sa.Column("entity", sa.String(length=80), nullable=False),
        sa.Column("entity_name", sa.String(length=255), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("default_location", sa.String(length=80), nullable=False),
        sa.Column("top_level_posting", sa.Boolean(), nullable=False),
        sa.Column("with_transactions", sa.Boolean(), nullable=False),
        sa.Column("sync_from", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("ticked", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=False),
        sa.Column("suggested", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=120), nullable=False),
        sa.Column("synced_at", sa.DateTime(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_connection")),
        sa.UniqueConstraint("live_company", name=op.f("uq_intacct_connection_company")),
        sa.UniqueConstraint("live_target", name=op.f("uq_intacct_connection_target")),
    )
    op.create_table(
        "intacct_event",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_event")),
    )
    op.create_index(op.f("ix_intacct_event_connection"), "intacct_event", ["connection_id", "id"], unique=False)
    op.create_table(
        "intacct_gate",
        sa.Column("company", sa.String(length=80), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_gate")),
        sa.UniqueConstraint("company", "slot", name=op.f("uq_intacct_gate_slot")),
    )
    op.create_table(
        "intacct_meta",
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("installation_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_meta")),
    )
    op.create_table(
        "intacct_session",
        sa.Column("company", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("entity", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_session")),
        sa.UniqueConstraint("company", "user_id", "entity", name=op.f("uq_intacct_session_login")),
    )
    op.create_table(
        "intacct_touch",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("local_id", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_touch")),
    )
    op.create_index(op.f("ix_intacct_touch_row"), "intacct_touch", ["kind", "source", "local_id"], unique=False)
    op.create_table(
        "intacct_attempt",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("functions", sa.String(length=255), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["intacct_connection.id"], name=op.f("fk_intacct_attempt_connection"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_attempt")),
    )
    op.create_index(op.f("ix_intacct_attempt_at"), "intacct_attempt", ["connection_id", "at"], unique=False)
    op.create_index(op.f("ix_intacct_attempt_operation"), "intacct_attempt", ["operation_id"], unique=False)
    op.create_table(
        "intacct_cursor",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=20), nullable=False),
        sa.Column("watermark", sa.String(length=40), nullable=False),
        sa.Column("tie_break", sa.String(length=40), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=80), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["intacct_connection.id"], name=op.f("fk_intacct_cursor_connection"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_cursor")),
        sa.UniqueConstraint("connection_id", "object", "stream", name=op.f("uq_intacct_cursor_stream")),
    )
    op.create_table(
        "intacct_issue",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("live", sa.String(length=10), nullable=True),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("cure", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("resolution", sa.String(length=40), nullable=False),
        sa.Column("first_seen", sa.DateTime(), nullable=False),
        sa.Column("last_seen", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["intacct_connection.id"], name=op.f("fk_intacct_issue_connection"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_issue")),
        sa.UniqueConstraint("connection_id", "fingerprint", "subject", "live", name=op.f("uq_intacct_issue_live")),
    )
    op.create_index(op.f("ix_intacct_issue_open"), "intacct_issue", ["connection_id", "live", "id"], unique=False)
    op.create_table(
        "intacct_lease",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["intacct_connection.id"], name=op.f("fk_intacct_lease_connection"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_lease")),
        sa.UniqueConstraint("connection_id", name=op.f("uq_intacct_lease_connection")),
    )
    op.create_table(
        "intacct_link",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("local_id", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("detail", sa.String(length=255), nullable=False),
        sa.Column("search", sa.String(length=500), nullable=False),
        sa.Column("parent", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("record_key", sa.String(length=120), nullable=False),
        sa.Column("exclusive", sa.String(length=120), nullable=True),
        sa.Column("suggested_key", sa.String(length=120), nullable=False),
        sa.Column("runner_up_key", sa.String(length=120), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("sure_key", sa.String(length=120), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("conflicts", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("agreed", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["intacct_connection.id"], name=op.f("fk_intacct_link_connection"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_link")),
        sa.UniqueConstraint("connection_id", "kind", "source", "local_id", "role", name=op.f("uq_intacct_link_local")),
        sa.UniqueConstraint("connection_id", "object", "exclusive", name=op.f("uq_intacct_link_exclusive")),
    )
    op.create_index(
        op.f("ix_intacct_link_record"), "intacct_link", ["connection_id", "object", "record_key"], unique=False
    )
    op.create_index(
        op.f("ix_intacct_link_state"), "intacct_link", ["connection_id", "kind", "state", "label", "id"], unique=False
    )
    op.create_index(
        op.f("ix_intacct_link_sure"), "intacct_link", ["connection_id", "kind", "sure_key", "record_key"], unique=False
    )
    op.create_table(
        "intacct_notice",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["intacct_connection.id"], name=op.f("fk_intacct_notice_connection"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_notice")),
        sa.UniqueConstraint("run_id", name=op.f("uq_intacct_notice_run")),
    )
    op.create_table(
        "intacct_record",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("natural_id", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("entity", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("search", sa.String(length=500), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("tax_number", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("applied_hash", sa.String(length=64), nullable=False),
        sa.Column("modified", sa.String(length=40), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("missing_since", sa.DateTime(), nullable=True),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["intacct_connection.id"], name=op.f("fk_intacct_record_connection"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_record")),
        sa.UniqueConstraint("connection_id", "object", "key", name=op.f("uq_intacct_record_key")),
    )
    op.create_index(
        op.f("ix_intacct_record_name"), "intacct_record", ["connection_id", "object", "name", "id"], unique=False
    )
    op.create_index(
        op.f("ix_intacct_record_natural"), "intacct_record", ["connection_id", "object", "natural_id"], unique=False
    )
    op.create_table(
        "intacct_run",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("wish", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("slices", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("beat_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("notified_at", sa.DateTime(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["intacct_connection.id"], name=op.f("fk_intacct_run_connection"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_run")),
        sa.UniqueConstraint("live", name=op.f("uq_intacct_run_live")),
    )
    op.create_index(op.f("ix_intacct_run_connection"), "intacct_run", ["connection_id", "id"], unique=False)
    op.create_table(
        "intacct_dismissal",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["intacct_notice.id"], name=op.f("fk_intacct_dismissal_notice"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_dismissal")),
        sa.UniqueConstraint("notice_id", "who", name=op.f("uq_intacct_dismissal_who")),
    )
    op.create_table(
        "intacct_operation",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("op_key", sa.String(length=120), nullable=False),
        sa.Column("live", sa.String(length=40), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("control_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("function", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("lookups", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["intacct_connection.id"],
            name=op.f("fk_intacct_operation_connection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["intacct_link.id"], name=op.f("fk_intacct_operation_link"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_operation")),
        sa.UniqueConstraint("connection_id", "op_key", name=op.f("uq_intacct_operation_key")),
        sa.UniqueConstraint("link_id", "live", name=op.f("uq_intacct_operation_live")),
    )
    op.create_index(
        op.f("ix_intacct_operation_state"), "intacct_operation", ["connection_id", "state", "due_at"], unique=False
    )
    op.create_table(
        "intacct_phase",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["intacct_run.id"], name=op.f("fk_intacct_phase_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_phase")),
        sa.UniqueConstraint("run_id", "name", name=op.f("uq_intacct_phase_name")),
    )
    op.create_table(
        "intacct_rejection",
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("record_key", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["intacct_link.id"], name=op.f("fk_intacct_rejection_link"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_rejection")),
        sa.UniqueConstraint("link_id", "record_key", name=op.f("uq_intacct_rejection_pair")),
    )


def downgrade() -> None:
    raise NotImplementedError("Nobody goes back before it.")
