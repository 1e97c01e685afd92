"""Records of the history that lies in files, and the catalogue of their Iceberg table."""

from chassis.data.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE history_state (
            table_name TEXT PRIMARY KEY,
            snapshot_id BIGINT NOT NULL,
            moved_before TIMESTAMPTZ,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE history_erasure (
            id UUID PRIMARY KEY,
            erased_by TEXT NOT NULL CHECK (erased_by IN ('customer', 'handle', 'visitor', 'guest', 'import')),
            value UUID NOT NULL,
            since TIMESTAMPTZ,
            before TIMESTAMPTZ,
            requested_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE history_stray (
            handle_id UUID NOT NULL,
            person_id UUID NOT NULL,
            token UUID NOT NULL,
            PRIMARY KEY (handle_id, person_id)
        );
        -- Of pyiceberg's SqlCatalog, which is also the JDBC catalogue of Trino and Spark.
        CREATE SCHEMA iceberg;
        GRANT USAGE ON SCHEMA iceberg TO PUBLIC;
        CREATE TABLE iceberg.iceberg_tables (
            catalog_name VARCHAR(255) NOT NULL,
            table_namespace VARCHAR(255) NOT NULL,
            table_name VARCHAR(255) NOT NULL,
            metadata_location VARCHAR(1000),
            previous_metadata_location VARCHAR(1000),
            iceberg_type VARCHAR(5),
            PRIMARY KEY (catalog_name, table_namespace, table_name)
        );
        CREATE TABLE iceberg.iceberg_namespace_properties (
            catalog_name VARCHAR(255) NOT NULL,
            namespace VARCHAR(255) NOT NULL,
            property_key VARCHAR(255) NOT NULL,
            property_value VARCHAR(1000) NOT NULL,
            PRIMARY KEY (catalog_name, namespace, property_key)
        );
        """
    )
