"""Style sheets and modules, served from the package.

A file's URL names its content, so that browsers keep it for a year and never show an old one.
"""

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_YEAR: Final = "public, max-age=31536000, immutable"


class StaticUrls:
    """The files by name, read once."""

    def __init__(self) -> None:
        folder = Path(str(files("web") / "static"))
        self._contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        self._digests = {
            name: hashlib.sha256(content).hexdigest()[:16]
            for name, content in self._contents.items()
        }

    def url_of(self, name: str) -> str:
        """Returns the URL of a file. Raises KeyError if there is none of that name."""
        return f"/static/{self._digests[name]}/{name}"

    async def serve(self, request: Request) -> Response:
        """Answers a file; 404 for another content than the current one."""
        name = request.path_params["name"]
        if self._digests.get(name) != request.path_params["digest"]:
            raise HTTPException(404)
        kind = _KINDS[Path(name).suffix]
        return Response(self._contents[name], media_type=kind, headers={"Cache-Control": _YEAR})
