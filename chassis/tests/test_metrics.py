from prometheus_client import CollectorRegistry, Counter

from chassis import telemetry


def test_what_synthetic_shoppers_do_is_not_counted() -> None:
    registry = CollectorRegistry()
    orders = Counter("orders", "orders", ["status"], registry=registry)
    units = Counter("units", "units", registry=registry)

    telemetry.count(orders, "placed", synthetic=False)
    telemetry.count(orders, "placed", synthetic=True)
    telemetry.count(units, by=3, synthetic=False)
    telemetry.count(units, by=3, synthetic=True)

    assert registry.get_sample_value("orders_total", {"status": "placed"}) == 1
    assert registry.get_sample_value("units_total") == 3
