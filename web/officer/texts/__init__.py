"""What the officer's site says, in both languages: one module a part of the site, keys begin with the part's name."""

from types import MappingProxyType

from publisher.release.model import Text
from web.officer.texts.account import ACCOUNT
from web.officer.texts.common import COMMON
from web.officer.texts.deputies import DEPUTIES
from web.officer.texts.disclosure import DISCLOSURE
from web.officer.texts.door import DOOR
from web.officer.texts.editor import EDITOR
from web.officer.texts.editor_pages import EDITOR_PAGES
from web.officer.texts.home import HOME
from web.officer.texts.log import LOG
from web.officer.texts.rehearsal import REHEARSAL
from web.officer.texts.rehearsal_result import REHEARSAL_RESULT
from web.officer.texts.releases import RELEASES
from web.officer.texts.reports import REPORTS
from web.officer.texts.running import RUNNING
from web.officer.texts.sources import SOURCES
from web.officer.texts.stop import STOP

_PARTS = (
    COMMON, DOOR, HOME, EDITOR, EDITOR_PAGES, REHEARSAL, REHEARSAL_RESULT, ACCOUNT, DEPUTIES, DISCLOSURE, LOG, RELEASES,
    REPORTS, RUNNING, SOURCES, STOP,
)  # fmt: skip


def _merged() -> dict[str, Text]:
    out: dict[str, Text] = {}
    for part in _PARTS:
        if doubled := out.keys() & part.keys():
            raise ValueError(f"texts stand twice: {', '.join(sorted(doubled))}")
        out |= part
    return out


TEXTS = MappingProxyType(_merged())


def say(key: str, language: str, **values: object) -> str:
    """A text in a language, with its values filled in; KeyError for one that there is not."""
    return TEXTS[key].get(language).format(**values)
