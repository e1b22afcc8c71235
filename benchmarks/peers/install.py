"""Install the peers, each in a virtual environment of its own, from exact versions.

Usage: python benchmarks/peers/install.py --environments DIR [NAME ...]

NAME: a file of `requirements/` without its ending; all of them by default.  DIR must lie outside this tree.  Tumult
runs on Spark, which needs a Java runtime 17 on the path (Debian: openjdk-17-jre-headless).  Written for Python 3.11.
"""

import argparse
import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent / "requirements"


def install(name: str, environments: Path) -> bool:
    """Make the environment of one peer; whether all of it could be had."""
    folder = environments / name
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*pip, "-r", str(REQUIREMENTS / f"{name}.txt")], check=False).returncode == 0


def main() -> None:
    """Install what was asked for; the exit code says whether all went well."""
    names = sorted(path.stem for path in REQUIREMENTS.glob("*.txt"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--environments", type=Path, required=True)
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if options.environments.resolve().is_relative_to(REQUIREMENTS.parents[2]):
        parser.error("the environments must lie outside this tree")
    failed = [name for name in options.names or names if not install(name, options.environments)]
    if failed:
        sys.exit(f"could not be installed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
