"""The reference of the values is what the values say."""

from stack.binaries import checkout
from stack.kubernetes.reference import OUTPUT, rendered, values_in


def test_the_reference_is_up_to_date() -> None:
    assert (checkout() / OUTPUT).read_text(encoding="utf-8") == rendered(), (
        "run `python -m stack.kubernetes.reference`"
    )


def test_a_value_is_told_with_its_path_its_default_and_its_comment() -> None:
    text = (
        "# header\n\nnats:\n  # -- Host of a server,\n  # with JetStream.\n  host: x\n  port: "
        "4222\n"
    )

    assert [(value.path, value.default, value.description) for value in values_in(text)] == [
        ("nats.host", "x", "Host of a server, with JetStream."),
        ("nats.port", "4222", ""),
    ]
