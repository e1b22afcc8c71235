"""What the Dockerfile puts into an image, and the tree that it makes."""

import re
import shutil
from pathlib import Path

from homes import ROOT


def copied(image: str) -> list[str]:
    """The paths that the Dockerfile copies into an image, the requirements apart."""
    stage = (ROOT / "Dockerfile").read_text().split(f" AS {image}\n")[1].split("\nFROM ")[0].replace("\\\n", " ")
    return [p for line in re.findall(r"^COPY (.+)$", stage, re.MULTILINE) for p in line.split()[:-1]]


def make_tree(image: str, root: Path) -> Path:
    """The tree of an image, made from the lines that make the image."""
    for name in copied(image):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / name, target) if name.endswith("/") else shutil.copy(ROOT / name, target)
    return root


def locked_names(image: str) -> set[str]:
    """The packages of an image's lock."""
    return set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements" / f"{image}.txt").read_text(), re.MULTILINE))
