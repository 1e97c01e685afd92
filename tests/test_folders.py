"""A folder of modules can be taken in at one look."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_MODULES = 14


def test_no_folder_of_a_service_has_more_modules_than_a_reader_takes_in() -> None:
    # A service's migrations become more with each release and are never moved.
    packages = [*ROOT.glob("services/*/*/__init__.py"), ROOT / "chassis/chassis/__init__.py"]
    assert len(packages) >= 9
    large = {
        str(folder.relative_to(ROOT)): len(modules)
        for package in packages
        for folder in [package.parent, *(one for one in package.parent.rglob("*") if one.is_dir())]
        if folder.name != "versions"
        and len(modules := [one for one in folder.glob("*.py") if one.name != "__init__.py"])
        > MOST_MODULES
    }
    assert large == {}
