from __future__ import annotations

import pytest

from notifications.errors import InvalidRecipient
from notifications.mails.recipients import mask_address, normalize_recipient


def test_addresses_are_normalized_and_masked() -> None:
    assert (
        normalize_recipient(" Ana@Bücher.Example ", allows_test_domains=False)
        == "ana@bücher.example"
    )
    assert mask_address("ana.roth@example.co.uk") == "a•••@e•••.uk"
    assert mask_address("") == ""
    for bad in ("", "ana", "ana@", "a b@example.com", "ana@example.com\nBcc: eve@example.com"):
        with pytest.raises(InvalidRecipient) as refusal:
            normalize_recipient(bad, allows_test_domains=False)
        assert "ana" not in str(refusal.value)
