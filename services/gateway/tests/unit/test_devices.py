"""Forms of clients, told from their user agents."""

import pytest

from gateway.devices import device_of

SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"),
        (
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Chrome/124 Mobile Safari/537.36 "
            "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "bot",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/124.0 Safari/537.36", "bot"),
        ("Mozilla/5.0 (compatible; Yahoo! Slurp)", "bot"),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0)", "bot"),
        ("facebookexternalhit/1.1", "bot"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {SAFARI} Mobile", "phone"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/124 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT X18) Chrome/124 Mobile Safari/537.36", "phone"),
        (f"Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) {SAFARI}", "tablet"),
        ("Mozilla/5.0 (Linux; Android 14; SM-X910) Chrome/124 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/124 Safari/537.36", "desktop"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) {SAFARI} Safari", "desktop"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/124 Safari/537.36", "desktop"),
        # A storefront's own server: no bot, and no form that is known.
        ("python-httpx/0.27", ""),
        ("", ""),
    ],
)
def test_a_form_is_told_from_the_user_agent(user_agent: str, device: str) -> None:
    assert device_of({"headers": [(b"user-agent", user_agent.encode())]}) == device


def test_a_request_without_a_user_agent_has_no_known_form() -> None:
    assert device_of({"headers": [(b"accept", b"*/*")]}) == ""
