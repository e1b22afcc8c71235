"""The `publisher` command."""

import sys
from pathlib import Path

import click

from publisher.cli.desk import desk
from publisher.cli.geography import geography
from publisher.cli.ledger import ledger
from publisher.cli.making import demo, init, login, synth
from publisher.cli.noise import noise
from publisher.cli.officers import officer
from publisher.cli.policies import policy
from publisher.cli.records import source
from publisher.cli.releases import audit, release, verify
from publisher.cli.running import rehearse_command, run, schedule
from publisher.cli.tabular import attack, jj, protect
from publisher.errors import PublisherError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", envvar="PUBLISHER_HOME", type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def publisher(context: click.Context, home: Path | None) -> None:
    """Publish safe tables on small areas from sensitive case records."""
    context.obj = home


for command in (
    demo, login, synth, geography, source, policy, officer, rehearse_command, run, audit, verify, release, ledger,
    schedule, init, protect, attack, jj, noise, desk,
):  # fmt: skip
    publisher.add_command(command)


def main() -> None:
    """Entry point: exit code 0 done, 1 refused or a check failed (the reason on standard error), 2 usage."""
    try:
        code = publisher.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(1)
    except PublisherError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
