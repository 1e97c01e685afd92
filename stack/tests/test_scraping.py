from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from stack.embedded.processes import Launch, ProcessTable
from stack.errors import StackError
from stack.platform import Platform
from stack.watch import scraping


def test_every_service_that_tells_metrics_is_known() -> None:
    assert scraping.services() == [
        "cart",
        "catalog",
        "checkout",
        "gateway",
        "identity",
        "journey",
        "notifications",
        "web",
    ]


def test_what_was_started_is_scraped_under_its_services_name(home: Path) -> None:
    platform = Platform(home=home, ports="free", replicas={"catalog": 2})
    table = ProcessTable(platform.runtime.home)
    for name, port in (("catalog-1", 7102), ("catalog-2", 7112), ("sink", 4318)):
        table.start(name, Launch(command=("sleep", "60"), env={}, cwd=home, ports={"admin": port}))
    try:
        config = yaml.safe_load(
            scraping.config(Platform(home=home), [Path("rules.yaml")], every="1s")
        )
    finally:
        for process in table.all():
            table.kill(process.name)

    assert config["scrape_configs"][0]["static_configs"] == [
        {"targets": ["127.0.0.1:7102"], "labels": {"job": "catalog", "instance": "catalog-1"}},
        {"targets": ["127.0.0.1:7112"], "labels": {"job": "catalog", "instance": "catalog-2"}},
    ]
    assert (config["global"]["scrape_interval"], config["rule_files"]) == ("1s", ["rules.yaml"])


def test_where_nothing_was_started_there_is_nothing_to_scrape(home: Path) -> None:
    with pytest.raises(StackError, match="nothing was started"):
        scraping.config(Platform(home=home), [])
