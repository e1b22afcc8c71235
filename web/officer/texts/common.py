"""What stands on every page."""

from publisher.release.model import Text

COMMON = {
    "common.site": Text("Skyddsansvarigs arbetsplats", "The privacy officer's desk"),
    "common.skip": Text("Till innehållet", "Skip to the content"),
    "common.menu": Text("Sidor", "Pages"),
    "common.other_language": Text("English", "Svenska"),
    "common.log_out": Text("Logga ut", "Log out"),
    "common.signed_in": Text("{name}, {role}", "{name}, {role}"),
    "common.errors": Text("Det här behöver rättas", "This needs mending"),
    "common.nav_home": Text("Att göra", "To do"),
    "common.nav_policies": Text("Policyer", "Policies"),
    "common.nav_releases": Text("Publiceringar", "Releases"),
    "common.nav_account": Text("Integritetskonto", "Privacy account"),
    "common.nav_log": Text("Logg", "Log"),
    "common.nav_sources": Text("Källor", "Sources"),
    "common.role_author": Text("författare", "author"),
    "common.role_approver": Text("godkännare", "approver"),
    "common.role_auditor": Text("granskare", "auditor"),
    "common.role_admin": Text("administratör", "administrator"),
}
