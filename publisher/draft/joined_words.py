"""What readers are told of categories that join several of the source's: nobody can tell from the numbers."""

from collections.abc import Iterator

from publisher.policy.declarations import SourceDeclaration
from publisher.policy.joining import shown_categories
from publisher.policy.model import TableSpec
from publisher.release.model import Text


def joined_note(table: TableSpec, source: SourceDeclaration) -> Iterator[Text]:
    """One note for each column of which codes are joined; nothing of others."""
    for spec in (c for c in table.categories if c.join):
        declared = source.category(spec.column)
        texts = {c.code: c.text for c in declared.categories}
        joined = [(c.text, [texts[part] for part in c.joins]) for c in shown_categories(spec, declared) if c.joins]
        sv = "; ".join(f"”{text.sv}” är {_listed([p.sv for p in parts], 'och')}" for text, parts in joined)
        en = "; ".join(f"“{text.en}” is {_listed([p.en for p in parts], 'and')}" for text, parts in joined)
        once = _once(table) if not declared.personal else Text(".", ".")
        yield Text(
            f"{declared.text.sv}: kategorier är sammanslagna. {sv}{once.sv}",
            f"{declared.text.en}: categories are joined. {en}{once.en}",
        )


def _once(table: TableSpec) -> Text:
    """A person can have several of the joined categories, and is one person all the same."""
    if not table.count.kind.startswith("persons"):
        return Text(".", ".")
    return Text(
        ". Den som har flera av dem räknas en gång i den sammanslagna.",
        ". Somebody who has several of them counts once in the joined one.",
    )


def _listed(texts: list[str], last: str) -> str:
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}"
