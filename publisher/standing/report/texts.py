"""What the yearly report says, in both languages."""

from publisher.release.model import Text

TEXTS = {
    "title": Text("Publicerat {year}, och hur det skyddades", "Published in {year}, and how it was protected"),
    "lead": Text(
        "{published} utgåvor av {policies} statistikprodukter publicerades under {year}; {withdrawn} drogs tillbaka. "
        "Rapporten är gjord ur förseglade utgåvor, integritetskontot och loggen, och ur inga ärenden.",
        "{published} releases of {policies} statistical products were published in {year}; {withdrawn} were withdrawn. "
        "The report is made from sealed releases, the privacy account and the log, and from no case record.",
    ),
    "nothing": Text("Ingenting.", "Nothing."),
    "product": Text("{title} ({policy})", "{title} ({policy})"),
    "basis": Text("Rättslig grund: {basis}.", "Legal basis: {basis}."),
    "basis_gone": Text(
        "Policyn gäller inte längre; dess rättsliga grund står i de godkända versionerna.",
        "The policy is not in force any more; its legal basis stands in the approved versions.",
    ),
    "protection": Text("Skydd", "Protection"),
    "table": Text("Tabell", "Table"),
    "releases": Text("Utgåvor", "Releases"),
    "release": Text("Utgåva", "Release"),
    "period": Text("Period", "Period"),
    "published_at": Text("Publicerad", "Published"),
    "charge": Text("Kostnad (rho)", "Charge (rho)"),
    "approved_by": Text("Godkänd av", "Approved by"),
    "approval_of": Text("{approver}, skriven av {author}", "{approver}, written by {author}"),
    "revision": Text("Reviderad: skäl", "Revised: reason"),
    "withdrawn": Text("Tillbakadragna utgåvor", "Withdrawn releases"),
    "withdrawn_at": Text("Tillbakadragen", "Withdrawn"),
    "reason": Text("Skäl", "Reason"),
    "account": Text("Integritetskontot", "The privacy account"),
    "account_words": Text(
        "Ett konto gäller en myndighets personer under ett referensår och börjar aldrig om. AUC är vad den bästa "
        "tänkbara angriparen förmår: 0,5 är slantsingling och 1 är alltid rätt.",
        "An account is of an agency's persons in one reference year and never starts again. AUC is what the best "
        "conceivable attacker can do: 0.5 is the toss of a coin and 1 is always right.",
    ),
    "agency": Text("Myndighet", "Agency"),
    "year": Text("Referensår", "Reference year"),
    "cap": Text("Tak", "Cap"),
    "charged": Text("Bokfört", "Charged"),
    "left": Text("Kvar", "Left"),
    "epsilon": Text("Epsilon", "Epsilon"),
    "auc": Text("AUC", "AUC"),
    "charges": Text("Bokfört under året", "Charged in the year"),
    "booked_at": Text("När", "When"),
    "unsealed": Text("{run} (inte förseglad; kostnaden står kvar)", "{run} (not sealed; the charge stands)"),
    "approvals": Text("Godkännanden", "Approvals"),
    "policy": Text("Policy", "Policy"),
    "author": Text("Skriven av", "Written by"),
    "approver": Text("Godkänd av", "Approved by"),
    "digest": Text("Avtryck (SHA-256)", "Digest (SHA-256)"),
    "failed": Text("Körningar som misslyckades eller hoppades över", "Runs that failed or were skipped"),
    "failed_what": Text("Körning", "Run"),
    "verify": Text("Att kontrollera rapporten", "To verify this report"),
    "verify_words": Text(
        "Loggen har {log} rader och bokföringen {ledger}; båda kedjorna var hela när rapporten gjordes. Varje utgåva "
        "är "
        "signerad, och den publika nyckeln och hur ett manifest prövas står på webbplatsen.",
        "The log has {log} rows and the ledger {ledger}; both chains were whole when the report was made. Each "
        "release is "
        "signed, and the public key and how a manifest is verified stand on the site.",
    ),
    "verify_broken": Text(
        "Kedjorna var inte hela när rapporten gjordes: {problem}",
        "The chains were not whole when the report was made: {problem}",
    ),
}


def say(key: str, lang: str, **values: object) -> str:
    """A text in a language, with its values filled in."""
    return TEXTS[key].get(lang).format(**values)
