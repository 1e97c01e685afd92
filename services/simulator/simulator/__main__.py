"""`python -m simulator`: the payment simulator, until SIGTERM."""

from simulator import logs
from simulator.server import Server
from simulator.settings import Settings


def main() -> None:
    """Runs the server with settings from the environment."""
    settings = Settings()  # type: ignore[call-arg]  # the environment gives them
    logs.configure(settings.log_level)
    Server(settings).run()


if __name__ == "__main__":
    main()
