"""The migration that follows on the first one: with both, the tables are those of schema version 1 as it was left."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "intacct_signin",
        sa.Column("company", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("claimed_until", sa.DateTime(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("refused_at", sa.DateTime(), nullable=True),
        sa.Column("typed", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intacct_signin")),
        sa.UniqueConstraint("company", "user_id", name=op.f("uq_intacct_signin_user")),
    )
    with op.batch_alter_table("intacct_attempt", schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f("uq_intacct_attempt_at"), ["connection_id", "at", "id"])

    with op.batch_alter_table("intacct_issue", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("reason", sa.String(length=500), server_default="", nullable=False))
        batch_op.add_column(sa.Column("handled_by", sa.String(length=120), server_default="", nullable=False))
        batch_op.add_column(sa.Column("handled_at", sa.DateTime(), nullable=True))

    with op.batch_alter_table("intacct_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("own_role", sa.String(length=20), server_default="", nullable=False))
        batch_op.add_column(sa.Column("overrides", sa.JSON(), server_default="[]", nullable=False))

    with op.batch_alter_table("intacct_meta", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ticked_at", sa.DateTime(), nullable=True))

    with op.batch_alter_table("intacct_notice", schema=None) as batch_op:
        batch_op.alter_column("run_id", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("intacct_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rests_until", sa.DateTime(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_intacct_run_connection"), ["connection_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("Nobody goes back before it.")
