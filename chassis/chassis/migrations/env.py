"""Alembic's environment of every history of revisions: a connection and the tables of a package, both given by `chassis.data.migrations`."""

from alembic import context

from chassis.data.drift import tables_of

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=tables_of(config.attributes["package"]) if config.attributes.get("drafts") else None,
    version_table=config.attributes["version_table"],
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=True,
    include_object=config.attributes.get("include_object"),
    render_item=config.attributes.get("render_item"),
)
with context.begin_transaction():
    context.run_migrations()
