"""The command `ask`: answers a question about all touchpoints, as JSON."""

import argparse
import json
import sys
from typing import Final

from google.protobuf.json_format import ParseError

from chassis.data.database import Database
from chassis.rpc.borders import require_valid_request
from chassis.rpc.documents import document_of, fill
from chassis.rpc.errors import DomainError
from chassis.runtime.cli import Command
from chassis.runtime.clock import Clock
from journey.history.worker import store_of, table_of
from journey.questions.answers import QUESTIONS, Answers
from journey.settings import Settings

_EXAMPLE: Final = '{"interval": "week", "filter": {"channels": ["app"]}}'


def ask_parser() -> argparse.ArgumentParser:
    """Returns the options of `ask`."""
    parser = argparse.ArgumentParser(
        prog="python -m journey ask",
        description="Answers a question about all touchpoints. The question is the body that "
        "POST /v1/staff/questions takes, and the answer its answer.",
    )
    parser.add_argument("question", choices=QUESTIONS, help="what to ask for")
    parser.add_argument(
        "options", nargs="?", default="{}", help=f"JSON, such as '{_EXAMPLE}'; - reads it"
    )
    return parser


async def ask(settings: Settings, given: argparse.Namespace) -> int:
    """Prints the answer. Returns 2 where the question makes no sense or is too large."""
    kind, answer = QUESTIONS[given.question]
    request = kind()
    try:
        text = sys.stdin.read() if given.options == "-" else given.options
        fill(request, json.loads(text))
        require_valid_request(request)
    except (ValueError, TypeError, ParseError) as error:
        print(f"journey: the options cannot be read: {error}", file=sys.stderr)
        return 2
    except DomainError as error:
        return _refused(error)
    database = Database(
        settings.database_url.get_secret_value(), source="journey", clock=Clock(), pool_size=2
    )
    table = table_of(database, settings)
    await database.open()
    try:
        found = await answer(Answers(database, store_of(database, table)), request)
    except DomainError as error:
        return _refused(error)
    finally:
        if table is not None:
            table.close()
        await database.close()
    print(json.dumps(document_of(found), ensure_ascii=False, indent=2))
    return 0


def _refused(error: DomainError) -> int:
    facts = ", ".join(f"{name}: {value}" for name, value in error.metadata.items())
    print(f"journey: {error.message}{f' ({facts})' if facts else ''}", file=sys.stderr)
    return 2


ASK: Final = Command(ask_parser, ask)
