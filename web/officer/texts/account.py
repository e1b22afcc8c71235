"""The privacy account."""

from publisher.release.model import Text

ACCOUNT = {
    "account.title": Text("Integritetskontot", "The privacy account"),
    "account.lead": Text(
        "Vad slumpmässigt skyddade tabeller har kostat, i rho, av vad som får förbrukas om en persons ärenden under "
        "ett referensår. Kontot börjar aldrig om.",
        "What tables under random noise have cost, in rho, of what may be spent on a person's cases in one reference "
        "year. The account never starts again.",
    ),
    "account.none": Text("Inget är bokfört, och inget schema bokför.", "Nothing is charged, and no schedule charges."),
    "account.silent": Text("Schemaläggaren har inte lämnat något konto än.", "The scheduler has left no account yet."),
    "account.no_forecast": Text("Ingen prognos: {problem}", "No forecast: {problem}"),
    "account.year": Text("{agency}, {year}", "{agency}, {year}"),
    "account.spent": Text(
        "{charged} av {cap} är bokfört, {left} är kvar.", "{charged} of {cap} is charged, {left} is left."
    ),
    "account.raised": Text(
        "Taket är högre än det vanliga {default}. Skäl: {reason}",
        "The cap is higher than the usual {default}. Reason: {reason}",
    ),
    "account.means": Text(
        "Det betyder: den bästa tänkbara angriparen, som känner alla andras uppgifter, säger rätt vilken av två "
        "personer som är med i högst {auc_per_cent} fall av 100 (50 är slantsingling). Hen hittar högst {tp} % av "
        "dem som är med, om {fp} % av alla andra får pekas ut fel. Epsilon {epsilon} vid delta {delta}.",
        "It means: the best conceivable attacker, who knows everybody else's data, tells rightly which of two persons "
        "is in it in at most {auc_per_cent} cases of 100 (50 is the toss of a coin). At most {tp} % of those who are "
        "in it are found, if {fp} % of all others may be accused wrongly. Epsilon {epsilon} at delta {delta}.",
    ),
    "account.bar": Text(
        "Kontot {year}: {charged} bokfört, {come} väntas, {left} blir kvar av {cap}",
        "Account of {year}: {charged} charged, {come} to come, {left} will be left of {cap}",
    ),
    "account.charged": Text("Bokfört", "Charged"),
    "account.to_come": Text("Väntas enligt scheman", "To come by the schedules"),
    "account.left_then": Text("Kvar sedan", "Left after that"),
    "account.cap": Text("Tak", "Cap"),
    "account.rho": Text("Rho", "Rho"),
    "account.part": Text("Post", "Item"),
    "account.per_cent": Text("Av taket", "Of the cap"),
    "account.fits": Text("Allt som scheman kör ryms.", "Everything that the schedules run fits."),
    "account.reached": Text(
        "Taket nås {date}: körningen av {policy} för {period} kommer att vägras, och {refused} körningar i allt.",
        "The cap is reached on {date}: the run of {policy} for {period} will be refused, and {refused} runs in all.",
    ),
    "account.next": Text(
        "Nästa period med plats är {period}, som kan köras från {date}. Det som vägras kan bara publiceras med mindre "
        "rho, grövre indelning eller ett höjt tak.",
        "The next period with room is {period}, which can be run from {date}. What is refused can only be published "
        "with a smaller rho, a coarser division or a raised cap.",
    ),
    "account.no_next": Text("Inget senare år har plats med detta rho.", "No later year has room with this rho."),
    "account.history": Text("Bokfört, det senaste först", "Charged, the latest first"),
    "account.when": Text("När", "When"),
    "account.release": Text("Utgåva", "Release"),
    "account.sum": Text("Tillsammans", "Together"),
    "account.reason": Text("Skäl", "Reason"),
    "account.state": Text("Läge", "State"),
    "account.state_published": Text("publicerad", "published"),
    "account.state_sealed": Text("förseglad", "sealed"),
    "account.state_withdrawn": Text("tillbakadragen; kostnaden står kvar", "withdrawn; the charge stands"),
    "account.unsealed": Text("inte förseglad; kostnaden står kvar", "not sealed; the charge stands"),
    "account.booked": Text("bokad skillnad: {releases}", "booked difference: {releases}"),
    "account.runs": Text("Körningar som väntas", "Runs to come"),
    "account.due": Text("Dag", "Day"),
    "account.policy": Text("Policy", "Policy"),
    "account.period": Text("Period", "Period"),
    "account.fate": Text("Ryms", "Fits"),
    "account.fits_yes": Text("ja", "yes"),
    "account.fits_no": Text("nej, vägras", "no, is refused"),
    "account.lifetime": Text("Över alla år", "Over all years"),
    "account.lifetime_words": Text(
        "Den som har ärenden varje år finns i alla kontona. Förlusterna läggs ihop; något tak för livet finns inte. "
        "Hos flera myndigheter läggs de också ihop, men räknas inte här.",
        "Who has cases every year is in all the accounts. Losses add up; there is no cap for life. Over several "
        "agencies they add up too, but are not counted here.",
    ),
    "account.lifetime_sum": Text("{agency}: {charged} över {years} år.", "{agency}: {charged} over {years} years."),
}
