"""The command line: one group whose verbs live in the rooms and are imported only when called.

Verbs of the methods wing need no database and import no Django. The office's verbs set Django up first, from
the same environment variables as the server (`HIGHGROUND_HOME`, `DATABASE_URL`).

Exit codes: 0 done; 1 done, and the answer is no (a check failed, something is missing); 2 the input or the
set-up is wrong, with one line on stderr that says what and how to mend it.
"""

import errno
import importlib
import os
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

import click

import highground

BAD_INPUT = 2
INTERRUPTED = 130


@dataclass(frozen=True)
class Verb:
    """Where a command lives; `office` verbs need Django."""

    place: str
    summary: str
    office: bool = True


class Rooms(click.Group):
    """A group of commands that are imported when they are called; its help imports none of them."""

    def __init__(self, verbs: dict[str, Verb | click.Command], **options: Any) -> None:
        super().__init__(**options)
        self._verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the work."""
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb."""
        verb = self._verbs.get(cmd_name)
        return load(verb) if isinstance(verb, Verb) else verb

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line for each verb."""
        rows = [
            (name, verb.summary if isinstance(verb, Verb) else verb.get_short_help_str(80))
            for name, verb in self._verbs.items()
        ]
        with formatter.section("Verbs"):
            formatter.write_dl(rows)


def load(verb: Verb) -> click.Command:
    """Import a command from its room, with Django set up where it needs that."""
    if verb.office:
        set_up_django()
    module, _, name = verb.place.partition(":")
    command: click.Command = getattr(importlib.import_module(f"highground.{module}"), name)
    return command


def set_up_django() -> None:
    """Read the settings and load the apps. What an office stores is for its own user alone."""
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "highground.settings")
    import django

    django.setup()


SCREEN_FILES = Verb("methods.screening.commands:screen", "screen a file", office=False)
SCREEN_OFFICE = Verb("signals.commands:screen", "screen the register")


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    add_help_option=False,
    short_help="households against a rulebook: of a file (--households), else of the register",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def screen(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Screen a file when --households is given, which needs no database; else the register."""
    if not words or "--help" in words:
        for verb in (SCREEN_FILES, SCREEN_OFFICE):
            command = load(verb)
            with command.make_context(ctx.info_name, [], parent=ctx.parent, resilient_parsing=True) as inner:
                click.echo(command.get_help(inner) + "\n")
        return
    of_a_file = any(word == "--households" or word.startswith("--households=") for word in words)
    command = load(SCREEN_FILES if of_a_file else SCREEN_OFFICE)
    with command.make_context(ctx.info_name, list(words), parent=ctx.parent) as inner:
        command.invoke(inner)


cli = Rooms(
    {
        "demo": Verb(
            "demo:command", "a synthetic county with its clues, served on this machine", office=False
        ),
        "import": Rooms(
            {
                "households": Verb("signals.imports.commands:households", "household records by a mapping"),
                "areas": Verb("areas.commands:import_areas", "an area list by a mapping"),
            },
            name="import",
            help="Bring records in from CSV, XLSX, Parquet or Stata files.",
        ),
        "snapshot": Verb("people.commands:snapshot", "write the register as Parquet, as known on a day"),
        "authorisations": Verb(
            "people.commands:authorisations", "who signed that other registers may be asked"
        ),
        "screen": screen,
        "clue": Verb("signals.commands:clue", "show a clue with its evidence"),
        "quality": Verb("cases.commands:quality", "records that are wrong, what is wrong, and the mend"),
        "rounds": Verb("rounds.commands:rounds", "draw the random audit of households that nothing flags"),
        "practices": Verb(
            "knowledge.commands:practices", "practices from many countries, and the index of what is searched"
        ),
        "forum": Verb("forum.commands:forum", "open forums, add known ones, take the pages along"),
        "outbox": Verb("outbox.commands:outbox", "send the letters that were looked at"),
        "forms": Verb("field.forms.commands:forms", "take in forms that others wrote, for phones"),
        "rulebook": Verb(
            "methods.screening.commands:rulebook", "list, check or show rulebooks", office=False
        ),
        "shock": Verb(
            "methods.shocks.commands:shock", "floods, droughts and other shocks to villages", office=False
        ),
        "world": Verb(
            "methods.world.commands:world", "write a synthetic country, for benchmarks", office=False
        ),
        "teams": Verb(
            "methods.allocate.commands:teams", "who goes to which village, with a proof", office=False
        ),
        "choose": Verb(
            "methods.allocate.choose_commands:choose",
            "measures under budgets, visits to visitors",
            office=False,
        ),
        "impact": Verb(
            "methods.impact.commands:impact",
            "published studies again, and a panel of one's own",
            office=False,
        ),
        "projects": Verb("works.commands:projects", "assistance projects and what was published of them"),
        "register": Verb(
            "methods.screening.nation.commands:register", "land the register of a whole country", office=False
        ),
        "run": Verb(
            "methods.screening.nation.commands:run", "screen a whole country from its store", office=False
        ),
        "feed": Verb(
            "methods.screening.feed_commands:feed", "land what departments send, and say why", office=False
        ),
        "search": Verb("methods.search.commands:search", "measure how well search finds", office=False),
        "account": Verb("accounts.commands:account", "add the people who may sign in"),
        "keys": Verb("people.commands:keys", "change the keys that protect names and numbers"),
        "audit": Verb("audit.commands:audit", "verify the event log"),
        "migrate": Verb("operate.commands:migrate", "make or update the tables of the database"),
        "serve": Verb("operate.commands:serve", "answer to browsers"),
        "doctor": Verb("operate.commands:doctor", "say what is missing and how to mend it", office=False),
        "files": Verb("operate.commands:files", "delete stored files that nothing names any more"),
        "backup": Verb("operate.commands:backup", "write everything but the keys to one file"),
        "restore": Verb("operate.commands:restore", "put a backup back"),
    },
    name="highground",
    help="See which households are slipping back into poverty, say why, and help people act.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
click.version_option(highground.__version__, prog_name="highground")(cli)


def say(error: BaseException) -> str | None:
    """The one line that explains a known error, None for one that is a defect of the program."""
    if os.strerror(errno.ENOSPC) in str(error):  # from Python, DuckDB or Arrow
        return f"the disk is full ({str(error).splitlines()[0]}); make room and give the same command again"
    if isinstance(error, ValueError | RuntimeError) and type(error).__module__.startswith("highground."):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror or error}"
    if "django" in sys.modules:
        return _say_of_django(error)
    return None


def _say_of_django(error: BaseException) -> str | None:
    """The same for what Django raises about the set-up."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management.base import CommandError
    from django.db import OperationalError, ProgrammingError

    if isinstance(error, OperationalError | ProgrammingError):
        said = str(error).strip().splitlines()[0]
        if "no such table" in said or "no such column" in said or "does not exist" in said:
            return f"the database is not up to date ({said}); run: highground migrate"
        if isinstance(error, OperationalError):
            return f"the database does not answer ({said}); highground doctor says more"
        return None
    return str(error) if isinstance(error, ImproperlyConfigured | CommandError) else None


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit code."""
    try:
        code = cli.main(arguments, prog_name="highground", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader (`| head`) has gone. Python would complain again when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        line = say(error)
        if line is None:
            raise
        click.echo(f"highground: {line}", err=True)
        sys.exit(BAD_INPUT)
    sys.exit(code if isinstance(code, int) else 0)
