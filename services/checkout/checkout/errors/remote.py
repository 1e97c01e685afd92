"""Refusals for want of an answer from the internet."""

from chassis.rpc.errors import Unavailable


class RemoteUnavailable(Unavailable):
    """A service on the internet, such as an authority or a tax provider, does not answer."""
