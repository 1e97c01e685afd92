"""Old touchpoints as an Apache Iceberg table: columnar files by person and month."""
