"""What the pages of policies and proposals say."""

from publisher.release.model import Text

EDITOR_PAGES = {
    "editor.policies_title": Text("Policyer", "Policies"),
    "editor.policies_intro": Text(
        "En policy säger vad som publiceras och hur det skyddas. Ändringar föreslås, provkörs och godkänns av en annan "
        "person innan de gäller.",
        "A policy says what is published and how it is protected. Changes are proposed, rehearsed and approved by "
        "another person before they are in force.",
    ),
    "editor.in_force": Text("I kraft", "In force"),
    "editor.in_force_none": Text("Ingen policy är i kraft.", "No policy is in force."),
    "editor.col_policy": Text("Policy", "Policy"),
    "editor.col_state": Text("Läge", "State"),
    "editor.col_changed": Text("Senast ändrat", "Last changed"),
    "editor.col_by": Text("Av", "By"),
    "editor.col_version": Text("Version", "Version"),
    "editor.approved_by": Text(
        "Skriven av {author}, godkänd {at} av {approver}.", "Written by {author}, approved {at} by {approver}."
    ),
    "editor.paused": Text("Pausad", "Paused"),
    "editor.leaving": Text("Tas ur kraft", "Being retired"),
    "editor.begin": Text("Föreslå en ändring", "Propose a change"),
    "editor.begin_of": Text("Föreslå en ändring av {policy}", "Propose a change of {policy}"),
    "editor.open": Text("På väg", "On their way"),
    "editor.open_none": Text("Inga öppna förslag.", "No open proposals."),
    "editor.ended": Text("Avslutade", "Ended"),
    "editor.new_title": Text("Ny policy", "New policy"),
    "editor.new_id": Text("Policyns id", "The policy's id"),
    "editor.new_help": Text(
        "Små bokstäver a–z, siffror och bindestreck, till exempel fk-sjukpenning. Det ändras aldrig.",
        "Small letters a-z, digits and hyphens, such as fk-sickness. It never changes.",
    ),
    "editor.new": Text("Börja", "Begin"),
    "editor.bad_id": Text(
        "Skriv små bokstäver a–z, siffror och enkla bindestreck emellan.",
        "Write small letters a-z, digits and single hyphens in between.",
    ),
    "editor.taken_id": Text(
        "En policy eller ett öppet förslag har redan det id:t.", "A policy or an open proposal has that id already."
    ),
    "editor.retire": Text("Ta ur kraft", "Retire"),
    "editor.retire_of": Text("Ta {policy} ur kraft", "Retire {policy}"),
    "editor.retire_help": Text(
        "Inget mer publiceras enligt policyn; det som är publicerat ligger kvar. Skriv varför.",
        "Nothing more is published by the policy; what is published stays. Write why.",
    ),
    "editor.reason": Text("Skäl", "Reason"),
    "editor.proposal_title": Text("Förslag {number}: {policy}", "Proposal {number}: {policy}"),
    "editor.proposal_new": Text("Ny policy", "New policy"),
    "editor.state_draft": Text("utkast", "draft"),
    "editor.state_submitted": Text("inlämnat", "submitted"),
    "editor.state_rehearsed": Text("provkört", "rehearsed"),
    "editor.state_approved": Text("godkänt", "approved"),
    "editor.state_active": Text("i kraft", "active"),
    "editor.state_retired": Text("ur kraft", "retired"),
    "editor.state_discarded": Text("lagt åt sidan", "discarded"),
    "editor.steps": Text("Förslagets väg", "The way of the proposal"),
    "editor.step_now": Text("nu", "now"),
    "editor.step_done": Text("klart", "done"),
    "editor.edit": Text("Ändra", "Edit"),
    "editor.note": Text("Anteckning", "Note"),
    "editor.approver": Text("Godkänt av {name}.", "Approved by {name}."),
    "editor.stale": Text(
        "En annan version av policyn har trätt i kraft sedan förslaget började. Det kan inte godkännas så.",
        "Another version of the policy has come into force since the proposal was begun. It cannot be approved so.",
    ),
    "editor.stale_draft": Text(
        "Jämför med den som gäller nu; din text ändras inte.",
        "Compare with the one that is in force now; your text does not change.",
    ),
    "editor.stale_sent": Text(
        "Ge det tillbaka till författaren, som jämför det med den som gäller nu.",
        "Return it to its author, who compares it with the one in force now.",
    ),
    "editor.rebase": Text("Jämför med den som gäller nu", "Compare with the one in force"),
    "editor.text_rows": Text("Skillnaden i texten", "The difference in the text"),
    "editor.same_text": Text("Texten är densamma som den som gäller.", "The text is the one in force."),
    "editor.from_none": Text(
        "Policyn finns inte i kraft; hela texten är ny.", "The policy is not in force; the whole text is new."
    ),
    "editor.whole_text": Text("Hela texten", "The whole text"),
    "editor.digest": Text("Kontrollsumma", "Digest"),
    "editor.digest_help": Text(
        "SHA-256 av exakt de tecken som visas; den som godkänner godkänner dem och inga andra.",
        "SHA-256 of exactly the characters shown; who approves, approves them and no others.",
    ),
    "editor.rehearsals": Text("Provkörningar av den här texten", "Rehearsals of this text"),
    "editor.rehearsals_none": Text("Texten är inte provkörd än.", "The text has not been rehearsed yet."),
    "editor.rehearsal_of": Text("Provkörning {number}, {at}", "Rehearsal {number}, {at}"),
    "editor.stand_queued": Text("väntar", "waits"),
    "editor.stand_running": Text("pågår", "runs"),
    "editor.stand_done": Text("klar", "done"),
    "editor.stand_refused": Text("avvisad", "refused"),
    "editor.stand_failed": Text("misslyckad", "failed"),
    "editor.versions": Text("Versioner", "Versions"),
    "editor.version_title": Text("Version {version} av förslag {number}", "Version {version} of proposal {number}"),
    "editor.version_by": Text("Sparad {at} av {by}.", "Saved {at} by {by}."),
    "editor.version_rows": Text("Ändringar från versionen före", "Changes from the version before"),
    "editor.do": Text("Vad du kan göra", "What you can do"),
    "editor.now_runs": Text(
        "Policyn gäller. Schemat kör nästa period; det som redan är publicerat ändras inte.",
        "The policy is in force. Its schedule runs the next period; what is published does not change.",
    ),
    "editor.do_nothing": Text("Inget just nu.", "Nothing just now."),
    "editor.submit": Text("Lämna in", "Submit"),
    "editor.submit_title": Text("Lämna in förslaget", "Submit the proposal"),
    "editor.summary": Text("Vad ändringen är till för", "What the change is for"),
    "editor.summary_help": Text(
        "En mening till den som ska godkänna. Förslaget provkörs sedan, och texten kan inte ändras så länge.",
        "One sentence for the approver. The proposal is then rehearsed, and its text cannot be changed meanwhile.",
    ),
    "editor.discard": Text("Lägg åt sidan", "Discard"),
    "editor.discard_help": Text(
        "Utkastet sparas men kan inte tas upp igen.", "The draft is kept but cannot be taken up again."
    ),
    "editor.return": Text("Ge tillbaka", "Return"),
    "editor.return_title": Text("Ge tillbaka till författaren", "Return to the author"),
    "editor.return_help": Text("Skriv vad som behöver ändras.", "Write what needs to change."),
    "editor.approve_title": Text("Godkänn", "Approve"),
    "editor.approve_intro": Text(
        "Du godkänner exakt texten med kontrollsumman {digest}. Den träder i kraft inom några sekunder.",
        "You approve exactly the text with the digest {digest}. It comes into force within seconds.",
    ),
    "editor.approve": Text("Godkänn den här texten", "Approve these bytes"),
    "editor.reasons": Text("Det här kräver ett skriftligt skäl:", "This asks for a reason in writing:"),
    "editor.approve_help": Text(
        "Varför det kan försvaras. Skälet skrivs i loggen.", "Why it can be defended. The reason goes into the log."
    ),
    "editor.own": Text(
        "Du har skrivit i förslaget. En annan person måste godkänna det.",
        "You have written in this proposal. Another person must approve it.",
    ),
    "editor.unasked": Text(
        "Förslaget är godkänt men ingen väntar på att ta upp det.",
        "The proposal is approved but nothing is waiting to take it up.",
    ),
    "editor.activate": Text("Be om att det tas upp", "Ask for it to be taken up"),
    "editor.refused_role": Text("Din roll får inte göra det.", "Your role may not do that."),
    "editor.refused_person": Text(
        "Den som har skrivit i ett förslag kan inte godkänna det; en annan person måste.",
        "Who has written in a proposal cannot approve it; another person must.",
    ),
    "editor.refused_state": Text(
        "Förslaget har hunnit till ett annat läge; det går inte längre. Läs det igen.",
        "The proposal has come to another state meanwhile; that cannot be done any more. Read it again.",
    ),
    "editor.refused_bytes": Text(
        "Texten är ändrad sedan du läste den. Inget är godkänt; läs den igen.",
        "The text was changed since you read it. Nothing is approved; read it again.",
    ),
    "editor.refused_base": Text(
        "En annan version har trätt i kraft sedan förslaget började. Inget är godkänt; ge det tillbaka till "
        "författaren.",
        "Another version came into force since the proposal was begun. Nothing is approved; return it to its author.",
    ),
    "editor.refused_reason": Text("Skriv varför förslaget ges tillbaka.", "Write why the proposal is returned."),
    "editor.refused_unreasoned": Text(
        "Skriv skälet; förslaget går utöver det som kan försvaras utan.",
        "Write the reason; the proposal goes beyond what can be defended without one.",
    ),
    "editor.refused_summary": Text("Skriv vad ändringen är till för.", "Write what the change is for."),
    "editor.refused_problems": Text("Rätta felen först.", "Mend the errors first."),
}
