"""Comments on maps."""

from chassis.data.migrations import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE map_comment (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            map_slug TEXT NOT NULL,
            thread_id UUID NOT NULL,
            stage TEXT NOT NULL,
            lane TEXT NOT NULL,
            text TEXT NOT NULL,
            author_id UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            edited_at TIMESTAMPTZ,
            deleted_at TIMESTAMPTZ,
            resolved_by UUID,
            resolved_at TIMESTAMPTZ
        );
        CREATE INDEX map_comment_map ON map_comment (map_slug, thread_id, id);
        """
    )
