"""Business time that a test moves."""

from chassis.runtime.clock import Clock


def virtual_clock() -> Clock:
    """Returns a clock at real time, which `shift_to` moves."""
    return Clock(is_virtual=True)
