"""Secret links that restore a saved cart: the cart's id with a signature, so that nothing needs to be stored."""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from cart.errors import CartNotFound


def token_of(cart_id: UUID, secret: str) -> str:
    """The secret of a cart's link."""
    return base64.urlsafe_b64encode(cart_id.bytes + _signature(cart_id, secret)).decode().rstrip("=")


def cart_id_of(token: str, secret: str) -> UUID:
    """The cart that a link names. Raises CartNotFound for a forged one."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise CartNotFound("no such cart") from error
    if len(raw) != 48 or not hmac.compare_digest(raw[16:], _signature(UUID(bytes=raw[:16]), secret)):
        raise CartNotFound("no such cart")
    return UUID(bytes=raw[:16])


def _signature(cart_id: UUID, secret: str) -> bytes:
    return hmac.new(secret.encode(), b"restore-cart:" + cart_id.bytes, hashlib.sha256).digest()
