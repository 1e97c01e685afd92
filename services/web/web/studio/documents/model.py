"""Replies of the gateway about maps as documents."""

from web.gateway_client import Reply


class Finding(Reply):
    """Something that is missing in a map, or makes no sense."""

    code: str = ""
    severity: str = ""
    pointer: str = ""
    stage: str = ""
    reason: str = ""
    remedy: str = ""
    value: str = ""


class Lint(Reply):
    """The findings of a map, the worst first."""

    map_version: int = 0
    findings: list[Finding] = []
    is_truncated: bool = False
    is_exact: bool = False
