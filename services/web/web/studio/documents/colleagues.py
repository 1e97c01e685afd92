"""Members of the staff, whom pages name by their e-mail addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from web.gateway_client import Call, Caller, Problem
from web.server.requests import web_of
from web.studio.documents.model import StaffMembers

_SIGNED_OUT: Final = 401
# Pages of a hundred members each that are read; who comes after them is named by their id.
_MOST_PAGES: Final = 5


@dataclass(frozen=True, slots=True)
class Colleagues:
    """E-mail addresses of members by id; none where the caller may not read them."""

    emails: Mapping[str, str]

    def name_of(self, subject_id: str) -> str:
        """Returns the address of a member, or the id of one who is not known."""
        return self.emails.get(subject_id, subject_id)

    def id_of(self, written: str) -> str:
        """Returns the id of an address; anything else as it is written."""
        wanted = written.strip().lower()
        return next((id for id, email in self.emails.items() if email.lower() == wanted), wanted)


async def find_colleagues(request: Request, caller: Caller) -> Colleagues:
    """Returns the members of the staff. A page goes without them rather than fail.

    Raises Problem where the caller is signed out.
    """
    found: dict[str, str] = {}
    query: dict[str, str | int] = {"page_size": 100}
    try:
        for _ in range(_MOST_PAGES):
            call = Call("GET", "/v1/staff/members", caller, query=query)
            page = (await web_of(request).gateway.ask(call)).read(StaffMembers)
            found |= {one.id: one.email for one in page.members}
            if not page.next_page_token:
                break
            query["page_token"] = page.next_page_token
    except Problem as problem:
        if problem.status == _SIGNED_OUT:
            raise
    return Colleagues(found)
