"""Write what is generated under docs: the fact dictionary, the rulebooks, the measures, the command line, the procedures
with their pictures.

    ./run python tools/make_docs.py           write them
    ./run python tools/make_docs.py --check   say which differ from the code; ends with 1 if any does

`tests/docs/test_generated.py` holds the pages to what this writes.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MADE = "<!-- Written by tools/make_docs.py from {source}: change that, and run the tool again. -->"


def cell(text: object) -> str:
    """A text as it may stand in a cell of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(headings: list[str], rows: list[list[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(cell(one) for one in row)} |"


# --- the fact dictionary --------------------------------------------------------------------------------

FACTS = """\
Every fact that a rule may name, as `data/facts.yaml` has it. The names are fixed: rulebooks, import mappings and saved
tables rely on them. A rulebook may add facts of its own and may set its own freshness
([how to write a rulebook](../how-to/write-a-rulebook.md)).

- **Bounds** are in the units of files and pages; money is in major units of the country's currency (yuan, dong). A value
  outside its bounds is never used: an import rejects the row, a screening sets the value aside and says so.
- **Fresh for** says how many days a value counts as known after its date. Past that it is stale, which is not known. These
  numbers are this project's working choice, not a rule of any country.
- **Sensitive** marks what tells most about a family, such as its income and its risks; explanations carry the mark.
- Amounts that end in `_12m` are for the whole household over the trailing 12 months.
- A fact that is missing is missing: it is never taken as zero or as "no"
  ([why it cannot tell](../explanation/why-cannot-tell.md))."""


def fact_dictionary() -> Iterator[str]:
    """The page of all facts, their types, bounds, freshness, labels and allowed values."""
    from highground.methods.facts import load_dictionary

    dictionary = load_dictionary()
    yield "# The fact dictionary\n"
    yield MADE.format(source="src/highground/data/facts.yaml") + "\n"
    yield FACTS + "\n"
    for title, facts in (
        ("Facts of households", dictionary.household),
        ("Facts of members", dictionary.members),
    ):
        yield f"## {title}\n"
        yield from table(
            ["Name", "Label", "Type", "Unit", "Bounds", "Fresh for", "Sensitive", "Meaning"],
            [_fact_row(fact) for fact in facts],
        )
        yield ""
    yield "## Allowed values\n"
    yield from table(
        ["Fact", "Value", "English", "Chinese"],
        [
            [f"`{fact.name}`", f"`{value}`", text["en"], text["zh"]]
            for fact in dictionary.values()
            for value, text in fact.values.items()
        ],
    )
    yield "\n## What is not a fact\n"
    yield (
        "`household` and `member` are the ids of rows; `area`, `province`, `city` and `county` say where a household "
        "is.\nNames, identity numbers, phones and bank accounts are protected attributes: they are stored encrypted, "
        "and never come\ninto a snapshot, a rule or a saved run."
    )


def _fact_row(fact) -> list[str]:  # type: ignore[no-untyped-def]
    bounds = "" if fact.minimum is None else f"{fact.minimum:,} to {fact.maximum:,}"
    return [
        f"`{fact.name}`",
        f"{fact.label['en']}<br>{fact.label['zh']}",
        fact.type,
        fact.unit or "",
        bounds,
        f"{fact.fresh_for} days" if fact.fresh_for else "no end",
        "yes" if fact.sensitivity == "sensitive" else "",
        f"{fact.meaning['en']}<br>{fact.meaning['zh']}",
    ]


# --- rulebooks ------------------------------------------------------------------------------------------

RULEBOOKS = """\
What each rulebook that ships with Highground asks, in words, as `./run highground rulebook show ID` says it. What no source
confirms is marked **[not verified]**: it is evaluated, and marked in every verdict that rests on it. A line that is not
listed here is not known to Highground; add your province's to a table of your own
([how to](../how-to/write-a-rulebook.md#add-the-lines-of-your-province))."""


def rulebooks() -> Iterator[str]:
    """The page of all shipped rulebooks in words."""
    from highground.methods.rules import list_rulebooks
    from highground.methods.rules.describing import describe

    books = list_rulebooks()
    yield "# The rulebooks that ship with Highground\n"
    yield MADE.format(source="src/highground/data/rulebooks") + "\n"
    yield RULEBOOKS + "\n"
    yield from table(
        ["Id", "Title", "Assesses", "Classes", "Followed by"],
        [
            [
                f"[`{book.id}`](#{book.id})",
                f"{book.title['en']}<br>{book.title['zh']}",
                f"{book.assessed[0]} to {book.assessed[1]}",
                ", ".join(f"`{one.id}`" for one in book.classes),
                f"`{book.successor}`" if book.successor else "",
            ]
            for book in books
        ],
    )
    for book in books:
        yield f"\n## {book.id}\n\n```text\n{describe(book)}\n```"


# --- the measure catalogue ------------------------------------------------------------------------------

MEASURES = """\
What can be planned for a household, as `data/measures` has it for each country. A county changes and adds measures in a file of
its own ([how to](../how-to/plan-and-deliver.md#adapt-the-measures--调整措施目录)).

- **Families** are the same everywhere. *Developmental* ones help a family earn more; the others make up for what it lacks.
- **A risk is answered** once a measure of one of its families is delivered.
- **One costs** is in major units of the currency. What is empty is not known, which is not zero.
- **Paid how**: *cash* goes to the household in payment batches, a *loan* must be paid back to a bank, a *claim* is paid by an
  insurer or an office; the rest is given in kind.
- **[not verified]** marks what no source confirms yet."""

COUNTRIES = {"CN": "China", "LA": "Lao PDR (of the demonstration)", "VN": "Viet Nam"}


def measures() -> Iterator[str]:
    """The page of the measure catalogues: families, what answers which risk, measures."""
    from highground.support.catalogue import catalogue_of

    yield "# The measure catalogue\n"
    yield MADE.format(source="src/highground/data/measures") + "\n"
    yield MEASURES
    for code, country in COUNTRIES.items():
        catalogue = catalogue_of(code, Path("nowhere"))
        yield f"\n## {country}\n\nAmounts in {catalogue.currency}.\n"
        yield from table(
            ["Family", "Name", "Developmental", "Source"],
            [
                [f"`{one.id}`", both(one.label), "yes" if one.developmental else "", origin(one)]
                for one in catalogue.families.values()
            ],
        )
        yield "\n| Risk | Answered by | Source |\n|---|---|---|"
        for match in catalogue.matches.values():
            names = ", ".join(f"`{family}`" for family in match.families)
            names = "any family" if len(match.families) == len(catalogue.families) else names
            yield f"| {both(match.label)} | {names} | {origin(match)} |"
        yield ""
        yield from table(
            ["Measure", "Name", "Family", "Unit", "One costs", "Paid how", "From whom", "Source"],
            [_measure_row(one) for one in catalogue.measures.values()],
        )
        if catalogue.sources:
            yield ""
            yield from (f"- {name}: {title}" for name, title in catalogue.sources.items())


def both(label) -> str:  # type: ignore[no-untyped-def]
    """A label in both languages."""
    return f"{label['en']}<br>{label['zh']}"


def origin(entry) -> str:  # type: ignore[no-untyped-def]
    """Where an entry comes from."""
    return " ".join(part for part in (entry.source or "", "" if entry.verified else "[not verified]") if part)


def _measure_row(one) -> list[str]:  # type: ignore[no-untyped-def]
    how = "cash" if one.cash else "claim" if one.claim else ""
    if one.credit:
        most = f"at most {one.credit.most:,f}" if one.credit.most else ""
        months = f"for {one.credit.months} months" if one.credit.months else ""
        how = ", ".join(part for part in ("loan", most, months) if part)
    return [
        f"`{one.id}`",
        both(one.label),
        f"`{one.family}`",
        both(one.unit),
        "" if one.unit_cost is None else f"{one.unit_cost:,f}",
        how,
        both(one.delivered_by),
        origin(one),
    ]


# --- the procedures -------------------------------------------------------------------------------------

PROCEDURES = """\
A case runs by the procedure of its rulebook: a graph of steps, not a line. A step may be taken once every step that it comes
after stands, by somebody who holds one of its roles in the area, and where the rulebook says so by nobody who had a hand in
what it checks. Nothing in the program knows the name of a step: a country with other steps runs on the same code.

- **Steps beside each other may run together.** Registers are compared while the village appraises and the notice hangs.
- **A meeting and a notice are lists**: one of each decides about many households.
- **Going back** takes what rested on the step along: after an upheld objection the village appraises again.
- **Help may come first** where the rulebook allows it, up to a limit, and must be made good by a deadline of its own.
- **Day 0 is not counted**: 1 March and 15 days are 16 March. An open objection stops the clock, which goes on with the days
  that were left. Working days leave out weekends and the holidays of the year.
- **A notice hangs in full days**: one hung up on 1 March for 5 days hangs on the 2nd to the 6th and comes down on the 7th at
  the earliest. Taken down before, it counts for nothing.
- **Today** is the day in the time zone of the procedure wherever a deadline of a case is held against it: on its pages, in the
  inbox, in the lists of follow-ups, measures and loans. What no procedure sets takes the day of the office
  (`HIGHGROUND_TIME_ZONE`): roles, clues, the years of budgets, the plan of the coming visits, the board's counts.
- **[not verified]** marks what no source confirms. It counts, and is marked wherever it is shown.

The pictures are drawn from the rulebooks themselves, as the page of each rulebook draws them in the reader's language."""

ADAPTING = """\
## How a county adapts it

A county officer opens *Cases*, then *Procedure*.

1. **Packs.** Each is a set of deadlines and numbers as one county or province published it, with its source and what it changes,
   step by step. Tick the ones that hold in your county and say from which day on. Cases opened before keep the packs that they
   have. Where two packs change the same step, the later one in the list counts. The picture below shows the procedure with them.
2. **Holidays.** The published lists of the country are built in for the years for which they exist. Give your own list for a
   year, typed in or as a CSV file with a day and `off` or `worked` in each row; deadlines in working days that are running are
   counted again. A year without any list is counted by weekends alone, and every such deadline says so.
3. **Other steps.** What no pack says needs a rulebook of your own that `extends` this one
   ([how to write a rulebook](../how-to/write-a-rulebook.md)). A procedure that could leave a case without a next step, skip what
   it requires or wait in a circle is refused before any case runs on it.

Each choice is an event in the log of the county."""

DRAWN = ("cn-2021", "vn-2022")


def procedures() -> Iterator[str]:
    """The page of the procedures: each as a picture and as a table, the packs, how a county adapts them."""
    from highground.methods.rules import load_rulebook
    from highground.methods.rules.procedure.words import PHASES, Words

    yield "# The procedure, from a clue to the exit\n"
    yield MADE.format(source="the rulebooks' procedures") + "\n"
    yield PROCEDURES + "\n"
    yield ADAPTING
    for name in DRAWN:
        book = load_rulebook(name)
        assert book.procedure
        words = Words(book.procedure)
        title = book.title["en"]
        yield f"\n## {title} (`{name}`)\n"
        alternative = f"The steps of {name} from top to bottom, by phase; the table below says the same"
        yield f"![{alternative}](../images/procedure-{name}.svg)\n"
        yield from table(
            ["Phase", "Step", "Taken by", "After", "What it asks for", "How it can end"],
            [
                [
                    PHASES[step.phase]["en"],
                    f"`{step.id}` {both(step.label)}{mark(step.verified)}",
                    words.taken_by(step),
                    words.titles(step.requires) or "the beginning",
                    "<br>".join(
                        f"{line.text}{mark(line.verified or not step.verified)}" for line in words.lines(step)
                    ),
                    "<br>".join(outcome.label["en"] for outcome in step.outcomes.values()),
                ]
                for step in book.procedure.steps.values()
            ],
        )
        if book.procedure.available:
            yield "\nThe packs, and what each changes:\n"
            yield from table(
                ["Pack", "Says", "Changes", "Source"],
                [
                    [
                        f"`{pack.id}`{' (default)' if pack.id in book.procedure.packs else ''}",
                        both(pack.label),
                        "<br>".join(line.text for line in words.changes(pack)),
                        f"{pack.source or 'none'}{mark(pack.verified)}",
                    ]
                    for pack in book.procedure.available.values()
                ],
            )


def mark(verified: bool) -> str:
    """What stands behind something that no source confirms."""
    return "" if verified else " [not verified]"


def procedure_picture(name: str) -> Iterator[str]:
    """The procedure of a rulebook as SVG, its phases beside each other."""
    from highground.methods.rules import load_rulebook
    from highground.methods.rules.procedure.picture import draw
    from highground.methods.rules.procedure.svg import bands_svg
    from highground.methods.rules.procedure.words import Words

    book = load_rulebook(name)
    assert book.procedure
    yield bands_svg(draw(Words(book.procedure)), f"The procedure of {name}")


# --- XLSForms -------------------------------------------------------------------------------------------

XLSFORMS = """\
An XLSForm is taken in whole: ODK Collect and KoboCollect show everything that pyxform accepts. Highground's own filling page,
which needs no app and no script, knows the part below. Where a form goes beyond it, the page of the form says what, with the
row and the column, and offers the form to the apps alone. [How to take in an XLSForm](../how-to/take-in-an-xlsform.md)."""


def xlsforms() -> Iterator[str]:
    """The page of what an XLSForm may hold here: what its questions answer, their kinds, the functions, the limits."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "highground.settings")
    django.setup()
    from highground.field.forms.functions import FUNCTIONS, MANY
    from highground.field.forms.mapping import COLUMN, PARTS, TYPES
    from highground.field.forms.names import LISTS, VISIT
    from highground.field.forms.parsing import MOST_DEEP
    from highground.field.forms.taking import KINDS, MOST_BYTES, MOST_UNPACKED, TAKES_IN

    yield "# XLSForms\n"
    yield MADE.format(source="src/highground/field/forms") + "\n"
    yield XLSFORMS + "\n"
    yield "## What a question answers\n"
    yield f"The column `{COLUMN}` of the sheet `survey` names a fact of the [dictionary](fact-dictionary.md), or one of"
    yield "these parts of a visit. The column `save_to` of an entity form does the same for facts. A question without either"
    yield "is kept with the answers and changes nothing in the register.\n"
    yield from table(
        ["In the column", "What it is"], [[f"`{name}`", str(text)] for name, text in PARTS.items()]
    )
    yield "\nWhich types of questions can answer which type of fact:\n"
    yield from table(
        ["Type of fact", "Types of questions"],
        [[f"`{name}`", ", ".join(types)] for name, types in TYPES.items()],
    )
    yield "\n## Lists that every form may read\n"
    yield f"{', '.join(f'`{name}.csv`' for name in LISTS)}. The first two are entity lists. Other tables are handed in with the"
    yield "form, as CSV in UTF-8 with a column `name`.\n"
    yield "## What Highground's own page shows\n"
    yield "Kinds of questions, as the XForm calls them: "
    yield f"{', '.join(f'`{one}`' for one in KINDS)}.\n"
    yield "Operators: `or`, `and`, `=`, `!=`, `<`, `<=`, `>`, `>=`, `+`, `-`, `*`, `div`, `mod`. Paths with `/`, `.`, `..`,"
    yield f"`*` and conditions in `[ ]`, nested at most {MOST_DEEP} deep. Functions:\n"
    rows = [
        [
            f"`{name}()`",
            str(wanted[0])
            if len(wanted) == 1
            else f"{wanted[0]} or more"
            if wanted[-1] >= MANY - 1
            else f"{wanted[0]} to {wanted[-1]}",
        ]
        for name, (wanted, _function) in sorted(FUNCTIONS.items())
    ]
    yield from table(["Function", "Arguments"], rows)
    yield "\n## Limits\n"
    yield f"- A workbook or a table has at most {MOST_BYTES:,} bytes, and unpacks to at most {MOST_UNPACKED:,}."
    yield "- The id of a form has letters, digits, `_`, `-` and `.`, at most 60; the version at most 40."
    yield f"- Ids that begin with `{VISIT}` are Highground's own. No form around or within the area has the same id."
    yield "- The same version with another content is refused; a new version replaces the old one, whose drafts still come in."
    yield f"- Forms are taken in by a {' or a '.join(str(role.label) for role in TAKES_IN)} of the area."


# --- the command line -----------------------------------------------------------------------------------

COMMANDS = """\
From a checkout every verb is called as `./run highground VERB`; where the package is installed, as `highground VERB`.
`--help` after any verb says the same as this page.

Verbs for files need no database and can be called anywhere. Verbs of the office read and write one installation, which the
environment names ([settings](settings.md)).

How a command ends: **0** done; **1** done, and the answer is no (a check failed, every row was rejected, something essential
is missing); **2** the input or the set-up is wrong, and one line on standard error says what and how to mend it.
A day is written as `2024-06-30`."""


def command_line() -> Iterator[str]:
    """The page of all verbs with their arguments and options."""
    yield "# The command line\n"
    yield MADE.format(source="the commands themselves") + "\n"
    yield COMMANDS + "\n"
    yield from table(["Verb", "What it does"], list(_verbs()))
    for name, command in _commands():
        yield from _command(name, command)


def _verbs() -> Iterator[list[str]]:
    for name, command in _commands():
        yield [f"[`{name}`](#{name.replace(' ', '-')})", command.get_short_help_str(200)]


def _commands() -> Iterator[tuple[str, object]]:
    """Every command with its words; groups are walked through, `screen` is shown in both its forms."""
    import click

    from highground.cli import SCREEN_FILES, SCREEN_OFFICE, cli, load

    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if name == "screen":
            yield "screen a file", load(SCREEN_FILES)
            yield "screen the register", load(SCREEN_OFFICE)
        else:
            yield from _below(name, command, context)


def _below(name: str, command, context) -> Iterator[tuple[str, object]]:  # type: ignore[no-untyped-def]
    """A command, or those of a group, groups within it among them."""
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    for inner in command.list_commands(context):
        yield from _below(f"{name} {inner}", command.get_command(context, inner), context)


def _command(name: str, command) -> Iterator[str]:  # type: ignore[no-untyped-def]
    import click

    words = "screen" if name.startswith("screen ") else name
    context = click.Context(command, info_name=f"highground {words}")
    options = [one for one in command.params if isinstance(one, click.Option)]
    needed = [_plain(one.get_help_record(context)[0]) for one in options if one.required]
    usage = [*needed, *(["[OPTIONS]"] if len(needed) < len(options) else [])]
    usage += [one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)]
    yield f"\n## {name}\n\n```text\n{' '.join([context.info_name or '', *usage])}\n```\n"
    yield "\n".join(line.strip() for line in (command.help or "").strip().splitlines()) + "\n"
    records = [one.get_help_record(context) for one in options]
    if records:
        yield from table(["Option", "Meaning"], [[f"`{_plain(option)}`", says] for option, says in records])


def _plain(option: str) -> str:
    """An option with its value in a word that says what to write."""
    return option.replace("[%Y-%m-%d]", "DATE").replace("INTEGER RANGE", "NUMBER")


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "reference/fact-dictionary.md": fact_dictionary,
    "reference/rulebooks.md": rulebooks,
    "reference/measures.md": measures,
    "reference/xlsforms.md": xlsforms,
    "reference/command-line.md": command_line,
    "explanation/procedure.md": procedures,
    **{f"images/procedure-{name}.svg": partial(procedure_picture, name) for name in DRAWN},
}
"""What is generated, by its place under docs."""


def page(name: str) -> str:
    """The text of one generated file."""
    return "\n".join(PAGES[name]()).rstrip() + "\n"


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` compare them."""
    sys.path.insert(0, str(ROOT / "src"))
    differing = []
    with tempfile.TemporaryDirectory(prefix="highground-docs-") as home:
        os.environ["HIGHGROUND_HOME"] = home
        for name in PAGES:
            target, text = DOCS / name, page(name)
            if not target.exists() or target.read_text(encoding="utf-8") != text:
                differing.append(name)
                if "--check" not in arguments:
                    target.write_text(text, encoding="utf-8")
    print(f"make_docs: {', '.join(differing) if differing else 'nothing'} differed")
    return 1 if differing and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
