"""What the privacy statement says alike of every noisy table, in both languages."""

from publisher.release.model import Text

USE = Text(
    "Öppen statistik om små områden, för planering, forskning, journalistik och allmän insyn.",
    "Open statistics on small areas, for planning, research, journalism and public scrutiny.",
)
DOMAIN = Text(
    "Alla tänkbara uppsättningar av myndighetens ärenden under en period: rader med person, datum, område och "
    "kategorier ur listor som är bestämda på förhand.",
    "All conceivable sets of the agency's cases in a period: rows with a person, a date, an area, and categories "
    "from lists that are fixed beforehand.",
)
ADJACENT = Text(
    "Två uppsättningar är grannar om den ena blir den andra när alla rader om en person under ett år läggs till "
    "eller tas bort (avstånd 1).",
    "Two sets are adjacent if one becomes the other when all rows of one person in one year are added or removed "
    "(distance 1).",
)
NUMBER = Text(
    "Anges inte: hur många personer som ligger bakom tabellen skyddas också. Tabellens totaler är skattningar.",
    "Not stated: how many persons are behind the table is protected too. The totals of the table are estimates.",
)
CENTRAL = Text(
    "Myndigheten har ärendena för sitt uppdrags skull. Den räknar, lägger till brus och lämnar ut det skyddade.",
    "The agency holds the cases for its own duties. It counts, adds noise, and gives out what is protected.",
)
TRUST = Text(
    "Den som finns i ärendena behöver lita på myndigheten, som ändå har uppgifterna, och på att programmet gör vad "
    "som står här. Om läsare antas ingenting: de får känna alla andra personers uppgifter, räkna hur länge som "
    "helst och lägga ihop allt som publiceras.",
    "Whoever is among the cases has to trust the agency, which holds the data anyway, and that the program does "
    "what stands here. Nothing is assumed of readers: they may know everybody else's records, compute for as long "
    "as they like, and combine all that is published.",
)
ACTORS = Text(
    "Myndighetens handläggare och de få som sköter publiceringen ser ärendena. En person skriver en tabells villkor"
    " och en annan godkänner dem. Webbplatsen och dess läsare har bara det publicerade.",
    "The agency's case officers, and the few who run the publication, see the cases. One person writes the terms of"
    " a table and another approves them. The site and its readers have what is published and nothing else.",
)
CADENCE = {
    "year": Text("En period per år.", "One period a year."),
    "quarter": Text("Fyra perioder per år.", "Four periods a year."),
    "month": Text("Tolv perioder per år.", "Twelve periods a year."),
}
RELEASES = Text(
    "Varje period mäts en gång och kopieras sedan oförändrad; en revidering mäts och kostar på nytt. Kostnaden för "
    "ett år börjar aldrig om. Ryms en körning inte under årets tak vägras den innan något har dragits.",
    "Each period is measured once and then copied unchanged; a revision is measured, and costs, anew. The account "
    "of a year never starts again. A run that does not fit under the year's cap is refused before anything is "
    "drawn.",
)
SOURCE = Text(
    "Nya ärenden kommer till hela tiden. En period räknas när den är slut.",
    "New cases arrive all the time. A period is counted when it is over.",
)
ACCESS = Text(
    "Ingen kan ställa frågor till ärendena. Det som går att läsa och ladda ned är förseglade tabeller.",
    "Nobody can put queries to the cases. What can be read and downloaded are sealed tables.",
)
PREPARED = Text(
    "Rader placeras i områden och räknas i kategorier ur offentliga listor; inga grupper hämtas ur data. Varje "
    "persons bidrag begränsas med ledning av personens egna rader. Kostnad, gränser och vikter står i tabellens "
    "villkor och godkänns före körningen; hur kostnaden delas följer av villkoren och områdenas register. "
    "Provkörningar läser inga ärenden, så de kostar inget.",
    "Rows are placed in areas and counted in categories of public lists; no group is taken from the data. Each "
    "person's contribution is bounded by that person's own rows. Loss, bounds and weights stand in the terms of the"
    " table and are approved before the run; how the loss is split follows from the terms and the register of "
    "areas. Rehearsals read no case, so that they cost nothing.",
)
DRAWN = Text(
    "Bibliotek: {library}. Bruset dras exakt på heltal, så att flyttalens avrundning inte röjer något, med slump "
    "från operativsystemet. Förlusten räknas i hela miljarddelar av rho, avrundad uppåt, och bokförs innan något "
    "dras. Ingen kan mäta hur lång tid ett svar tar, eftersom inga frågor besvaras. Ärendena finns bara där "
    "körningen görs; webbplatsen har ingen väg till dem.",
    "Library: {library}. Noise is drawn exactly, on integers, so that the rounding of floating point gives nothing "
    "away, with randomness from the operating system. The loss is counted in whole billionths of rho, rounded up, "
    "and charged before anything is drawn. Nobody can time an answer, since no query is answered. The cases are "
    "only where the run is made; the site has no route to them.",
)
COMPOSED = Text(
    "Rho adderas över mått, perioder, tabeller och revideringar (zCDP). Summan för en myndighet och ett år hålls "
    "under taket, rho {cap}, och står i integritetskontot tillsammans med summan över åren. Över flera myndigheter "
    "lovas inget.",
    "Rho adds up over measures, periods, tables and revisions (zCDP). The sum for one agency and one year is kept "
    "under the cap, rho {cap}, and stands in the privacy account beside the sum over the years. Over several "
    "agencies nothing is promised.",
)
MARKED = Text(
    "Intervall, märkning av osäkra tal och vad som inte visas bestäms av de brusiga talen och brusets kända storlek.",
    "Intervals, marks of uncertain figures, and what is not shown follow from the noisy figures and the known size "
    "of the noise.",
)
CHOSEN = Text(
    "Central modell ger mindre fel än en lokal, och gaussiskt brus mindre än Laplacebrus när många tal mäts på en "
    "gång. Taket säger vad den bästa tänkbara angriparen förmår: rho {cap} på ett år är epsilon {epsilon}, mu {mu},"
    " AUC {auc} och {true_positive_per_cent} % rätt utpekade vid 0,1 % fel utpekade.",
    "The central model gives less error than a local one, and Gaussian noise less than Laplace noise where many "
    "figures are measured at once. The cap says what the best conceivable attacker can do: rho {cap} in a year is "
    "epsilon {epsilon}, mu {mu}, AUC {auc} and {true_positive_per_cent} % true positives at 0.1 % false ones.",
)
UTILITY = Text(
    "Varje tal har ett intervall, räknat ur brusets kända storlek, som ska täcka det begränsade talet i 95 fall av "
    "100. Det som gränsen per person utelämnar ingår inte i intervallet.",
    "Each figure has an interval, computed from the known size of the noise, that is to cover the bounded number in"
    " 95 cases of 100. What the bound for each person leaves out is not in the interval.",
)
MORE = Text(
    "Hela tabellen: /data/{table}/latest.csv, med signerat manifest på /data/{table}/latest.manifest.json. "
    "Integritetskontot: /privacy/account.json.",
    "The whole table: /data/{table}/latest.en.csv, with a signed manifest at /data/{table}/latest.manifest.json. "
    "The privacy account: /privacy/account.json.",
)
