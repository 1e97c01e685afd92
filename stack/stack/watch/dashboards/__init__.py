"""The dashboards. Each module makes one."""
