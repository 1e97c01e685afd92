"""Refusals of imports and of what they are made of. The class name is the reason."""

from chassis.rpc.errors import Invalid, NotFound, Refused


class InvalidImport(Invalid):
    """A batch is refused; `line` (from 1), `field`, `path` name the place, `most` a bound."""


class InvalidImportOptions(Invalid):
    """Options of an import or export make no sense; `path` names the one."""


class CatalogImportNotFound(NotFound):
    """No such import of a catalogue file."""


class CatalogImportHasBegun(Refused):
    """The import's file is complete: no part can be added (`state`)."""


class CatalogImportHasEnded(Refused):
    """The import is over (`state`); begin another one."""


class FileTooLarge(Refused):
    """A file is larger than `most_bytes`."""
