"""`demo` and `synth`: the synthetic country, alone or run through everything; `init`: an empty home."""

from pathlib import Path

import click

from publisher.cli.common import Progress, home_option, now, say, the_home
from publisher.cli.serving import commands, serve
from publisher.demo import DemoRequest, demo_login, run_demo
from publisher.synthetic import write_country

SEED = 20220428


@click.command()
@click.option("--scale", type=click.FloatRange(0.001, 1.0), default=1.0, show_default=True, help="Share of Sweden.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Of the public site.")
@click.option("--officer-port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option("--seed", type=int, default=SEED, show_default=True)
@click.option("--policies", type=click.Path(path_type=Path), default=Path("policies"), show_default=True)
@click.option("--no-serve", is_flag=True, help="Stop after sealing and publishing.")
@home_option
def demo(
    scale: float, port: int, officer_port: int, seed: int, policies: Path, no_serve: bool, home_path: Path | None
) -> None:
    """The whole main job: make a country, run every policy, publish, and serve both sites beside the scheduler."""
    home = the_home(home_path)
    with Progress() as progress:
        run_demo(home, DemoRequest(scale, seed, policies), now=now(), say=progress)
    say(f"All state is in {home.root.name}/; two labelled demo names approved the policies; all runs as one user.")
    if not no_serve:
        say(f"The public site: http://127.0.0.1:{port}/  The officer's: http://127.0.0.1:{officer_port}/")
        say("Sign in there as demo-author or demo-approver with what `publisher demo-login NAME` prints.")
        say("Stop all with Ctrl-C.")
        serve(commands(home, port=port, officer_port=officer_port), say=say)


@click.command("demo-login")
@click.argument("name")
@home_option
def login(name: str, home_path: Path | None) -> None:
    """Password and present code of one of the demo's accounts for the officer's site."""
    password, code = demo_login(the_home(home_path), name, now=now())
    click.echo(f"name      {name}\npassword  {password}\ncode      {code}  (changes every half minute)")


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--scale", type=click.FloatRange(0.001, 1.0), default=0.1, show_default=True)
@click.option("--seed", type=int, default=SEED, show_default=True)
@click.option("--years", default="2019-2022", show_default=True, help="First and last reference year.")
def synth(out: Path, scale: float, seed: int, years: str) -> None:
    """Write the synthetic country: areas, population, geometry and case records."""
    first, _, last = years.partition("-")
    if not (first.isdecimal() and last.isdecimal() and 1900 < int(first) <= int(last) < 2100):
        raise click.BadParameter("write two years, such as 2019-2022", param_hint="--years")
    out.mkdir(parents=True, exist_ok=True)
    span = range(int(first), int(last) + 1)
    with Progress() as progress:
        summary = write_country(
            out, scale=scale, seed=seed, years=span, type_years=tuple(span[-2:]), progress=progress
        )
    click.echo(str(summary))


@click.command()
@home_option
def init(home_path: Path | None) -> None:
    """Make an empty home: folders and keys.  Then write its publisher.toml (docs/own-records.md)."""
    home = the_home(home_path)
    home.create()
    click.echo(f"{home.root} has its folders and keys; now write {home.settings_file.name} there")
