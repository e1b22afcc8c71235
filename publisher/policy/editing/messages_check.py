"""What the check against the declarations and the other policies says, and how it is said in Swedish."""

from types import MappingProxyType

SWEDISH = MappingProxyType(
    {
        "quantiles are published by noise only: {}": (
            "kvantiler publiceras bara med brus: en exakt är en persons eget belopp"
        ),
        "quantiles of one amount are measured twice: {}": (
            "kvantiler av ett belopp mäts två gånger: skriv `of: ID` av den första, utan rho och candidates"
        ),
        "amount {} is not declared for source {}": "beloppet {} är inte deklarerat för källan {}",
        "agency {} is not declared in publisher.toml": "myndigheten {} är inte deklarerad i publisher.toml",
        "source {} is not declared in publisher.toml": "källan {} är inte deklarerad i publisher.toml",
        "source {} belongs to agency {}": "källan {} hör till myndigheten {}",
        "geography: edition {} is not declared in publisher.toml": "indelningen {} är inte deklarerad i publisher.toml",
        "geography: edition {} is not that of source {}": "indelningen {} är inte den som källan {} har",
        "the tables of a policy are one body: protect all by noise or all by suppression": (
            "tabellerna i en policy är en helhet: skydda alla med brus eller alla genom undertryckning"
        ),
        "suppressed tables of one policy are one linked system: give all the same rules": (
            "undertryckta tabeller i en policy är ett länkat system: ge alla samma regler"
        ),
        "policy {} stands in two files ({})": "policyn {} står i två filer ({})",
        "table id {} is used by policy {} too": "tabell-id {} används även av policyn {}",
        "{} and {} may hold the same records, one by noise and one by suppression: {}": (
            "{} och {} kan gälla samma poster, den ena med brus och den andra med undertryckning: exakta celler"
            " begränsar de brusiga. Skilj deras `where` åt i en kolumn, eller använd ett enda skydd"
        ),
        "{} and {} may hold the same records and are suppressed apart: {}": (
            "{} och {} kan gälla samma poster och undertrycks var för sig: lägg tabellerna i en policy, så att "
            "de skyddas tillsammans, eller skilj deras `where` åt i en kolumn"
        ),
        "table {}: {}": "tabellen {}: {}",
        "together_with is for tables that count {}; measure {} in a table by itself": (
            "together_with är för tabeller som räknar {}; mät {} i en tabell för sig"
        ),
        "together_with: its count must be that of {}, with the same id, kind and decimals: {}": (
            "together_with: antalet ska vara det som {} har, med samma id, slag och decimaler: {}"
        ),
        "together_with is for the estimates {}; take one, or measure this by itself": (
            "together_with är för skattningarna {}; välj en av dem, eller mät tabellen för sig"
        ),
        "together_with is for one count; put sums, quantiles and a second count into a table by itself": (
            "together_with är för ett enda antal; lägg summor, kvantiler och ett andra antal i en tabell för sig"
        ),
        "together_with: persons count once in each combination of the case's columns, {}; {} and this one differ in "
        "{}": (
            "together_with: personer räknas en gång i varje kombination av ärendets kolumner, som därför ska vara "
            "desamma i alla tabellerna; {1} och denna skiljer sig i {2}"
        ),
        "together_with: show the total of column {}, which another of the tables shows": (
            "together_with: visa summan av kolumnen {}, som en annan av tabellerna visar"
        ),
        "together_with: {} and {} both add up to level {}; show it in {}": (
            "together_with: {} och {} går båda att lägga ihop till nivån {}; visa den i {}"
        ),
        "together_with: {} shows column {} by other codes; write the same join in both, or measure this by itself": (
            "together_with: {} visar kolumnen {} med andra koder; skriv samma join i båda, eller mät denna för sig"
        ),
        "together_with: it has cells in common with several of {}, and with none of them all of these; {}": (
            "together_with: den har celler gemensamma med flera av {}, och inte alla med en av dem; låt en tabell ha "
            "alla, eller mät denna för sig"
        ),
        "measure {}: {}": "måttet {}: {}",
        "where: column {} is not declared for source {}": "where: kolumnen {} är inte deklarerad för källan {}",
        "where: code {} is not declared for column {}": "where: koden {} är inte deklarerad för kolumnen {}",
        "geography: edition {} declares no {}, to place records by": (
            "indelningen {} deklarerar ingen {} att placera poster med"
        ),
        "geography: edition {} has no area types of {}": "indelningen {} har inga områdestyper för {}",
        "geography: edition {} has no area types": "indelningen {} har inga områdestyper",
        "schedule: timezone {} is not known": "tidszonen {} är okänd",
        "suppressed tables with these areas need level {} too: {}": (
            "undertryckta tabeller med dessa nivåer behöver även nivån {}: dess rader utan angivet område kan "
            "annars räknas ut"
        ),
        "the noise policies of {} charge rho {} a year together; the cap is {}": (
            "policyerna med brus hos {} belastar tillsammans rho {} om året; taket är {}"
        ),
        "outside table {} shows exact numbers of records that are protected by noise here: {}": (
            "den externa tabellen {} visar exakta tal om poster som här skyddas med brus: de begränsar de "
            "brusiga; skydda posterna genom undertryckning"
        ),
        "outside table {} counts other records (its where differs); {}": (
            "den externa tabellen {} räknar andra poster (dess where är ett annat); den kan inte jämföras med dessa"
        ),
        "outside table {} shows {}, the policy another count; what ties them is not known": (
            "den externa tabellen {} visar {}, policyn ett annat antal; vad som binder dem är inte känt"
        ),
        "outside table {}: numbers published elsewhere cannot be held against rolling years yet": (
            "den externa tabellen {}: tal från annat håll kan inte ännu jämföras med rullande år"
        ),
        "schedule.window: rolling years are not published by noise: {}": (
            "rullande år publiceras inte med brus: vart och ett skulle belasta varje referensår det berör; "
            "publicera månader eller kalenderår"
        ),
        "geography: rolling years need one edition of areas, {}": (
            "rullande år behöver en enda indelning, eftersom två fönster annars delar tid"
        ),
        "geography: rolling years need one type_year, {}": (
            'rullande år behöver ett enda type_year, till exempel "2022": ett område får inte byta typ däremellan'
        ),
        "rolling years show {}: different persons of a window do not add up": (
            "rullande år visar {}: olika personer i ett fönster kan inte summeras"
        ),
        "rolling years of sums cannot be protected jointly yet; leave sums out": (
            "rullande år av summor kan inte skyddas tillsammans än; ta bort summorna"
        ),
        "the rule share is not available for rolling years": "andelsregeln finns inte för rullande år",
        "rolling years need zeros: published": "rullande år kräver zeros: published",
        "insiders are not protected from each other over several rolling years yet: write insiders: false": (
            "insiders skyddas inte från varandra över flera rullande år än: skriv insiders: false"
        ),
        "an amount is summed twice": "ett belopp summeras två gånger",
        "source {} declares no person_pattern: one person under two spellings would be two units": (
            "källan {} deklarerar inget person_pattern: en person med två stavningar skulle bli två enheter"
        ),
        "bound.per_cell is about cases and events; a person counts once in a cell": (
            "bound.per_cell gäller ärenden och poster; en person räknas en gång i en cell"
        ),
        "a sum under noise needs a rho and a clamp of its own": "en summa med brus behöver eget rho och clamp",
        "clamp.column {} is not a column of the table": "clamp.column {} är ingen kolumn i tabellen",
        "counted must be persons: many cases can be one person's": (
            "counted ska vara persons: många ärenden kan vara en persons"
        ),
        "a second count belongs to noise; under suppression a table has one": (
            "ett andra antal hör till brus; under undertryckning har en tabell ett"
        ),
        "insiders: true is not available for persons_distinct: {}": (
            "insiders: true finns inte för persons_distinct: den som är ensam i en kategori vet också vilka "
            "andra värden som är egna; räkna persons, eller skriv false"
        ),
        "counts and sums are whole numbers under suppression: no decimals": (
            "antal och summor är hela tal under undertryckning: inga decimaler"
        ),
        "counts of persons are bounded by the public population: declare one with everyone = true": (
            "antal personer begränsas av den offentliga befolkningen: deklarera en med everyone = true"
        ),
        "the rule share is about persons; this table counts none": "andelsregeln gäller personer; tabellen räknar inga",
        "sums need dominance or p_percent: {}": (
            "summor behöver dominance eller p_percent: ett stort bidrag kan vara det mesta av en summa som "
            "vilar på många"
        ),
        "dominance, p_percent and min_contributors are about sums; this table has none": (
            "dominance, p_percent och min_contributors gäller summor; tabellen har inga"
        ),
        "column {} is not declared for source {}": "kolumnen {} är inte deklarerad för källan {}",
        "population {} is not declared in publisher.toml": "befolkningen {} är inte deklarerad i publisher.toml",
        "persons and their cases are shown without decimals, so that one bounds the other": (
            "personer och deras ärenden visas utan decimaler, så att det ena begränsar det andra"
        ),
        "rho and clamp belong to noise": "rho och clamp hör till brus",
        "weights: {} is not one of the table's areas": "weights: {} är inte en av tabellens nivåer",
        "weights: column {} is not a column of the table": "weights: kolumnen {} är ingen kolumn i tabellen",
        "weights: the table has no total over {}; name it among the group's categories": (
            "weights: tabellen har ingen summa över {}; nämn kolumnen bland gruppens categories"
        ),
        "clamp needs a number for every declared code of {}, and no other": (
            "clamp behöver ett tal för varje deklarerad kod av {}, och inga andra"
        ),
        "clamp needs a number for every code that the table shows of {}: {}": (
            "clamp behöver ett tal för varje kod som tabellen visar av {}: {}"
        ),
        "join: column {} declares code {}, which would mean two things; give the joined code another name": (
            "join: kolumnen {} deklarerar koden {}, som då skulle betyda två saker; ge den sammanslagna ett annat namn"
        ),
        "join: column {} declares no code {}; its codes are {}": (
            "join: kolumnen {} deklarerar ingen kod {}; dess koder är {}"
        ),
        "join: column {}: where leaves out code {}, so that {} would say more than it counts; {}": (
            "join: kolumnen {}: urvalet (where) utelämnar koden {}, så att {} skulle säga mer än den räknar; slå "
            "samman det som urvalet behåller"
        ),
        "column {}: code {} or its text begins like a formula of a spreadsheet (= + - @ tab); {}": (
            "kolumnen {}: koden {} eller dess text börjar som en formel i ett kalkylblad (= + - @ tabb); slå samman "
            "den under ett annat namn, lämna ut den med where, eller ändra den i publisher.toml"
        ),
        "join: column {} has one code left, which is its total; leave the column out": (
            "join: kolumnen {} har en enda kod kvar, som är dess summa; ta bort kolumnen"
        ),
        "join: table {} shows column {} by other codes; {}": (
            "join: tabellen {} visar kolumnen {} med andra koder; undertryckta tabeller i en policy är ett länkat "
            "system, där en kolumn har en uppsättning koder: skriv samma join i båda, eller ta bort kolumnen ur en"
        ),
        "forced level {} is not one of the table's areas": "nivån {} i forced är inte en av tabellens nivåer",
        "the declarations (publisher.toml) are not at the desk; the policy cannot be checked": (
            "deklarationerna (publisher.toml) finns inte på arbetsplatsen; policyn kan inte kontrolleras"
        ),
    }
)
"""English -> Swedish."""
