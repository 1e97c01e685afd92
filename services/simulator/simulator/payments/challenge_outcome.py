"""The word for a challenge that its customer did not pass."""

from typing import Final

AUTHENTICATION_FAILED: Final = "authentication_failed"
