"""What stands at the door, on one's own pages, on those of the accounts, and on errors."""

from publisher.release.model import Text

DOOR = {
    "door.login": Text("Logga in", "Log in"),
    "door.login_lead": Text(
        "Här bestäms vad som publiceras och hur det skyddas.",
        "Here it is decided what is published, and how it is protected.",
    ),
    "door.name": Text("Namn", "Name"),
    "door.password": Text("Lösenord", "Password"),
    "door.code": Text("Kod", "Code"),
    "door.code_help": Text(
        "Sex siffror från appen för koder. Har du inte appen: en av dina reservkoder.",
        "Six digits from the authenticator app. Without the app: one of your recovery codes.",
    ),
    "door.refused_title": Text("Inloggningen gick inte", "You were not logged in"),
    "door.refused": Text(
        "Namn, lösenord och kod hör inte ihop, eller kontot är stängt. Skriv om alla tre. En kod gäller en gång: "
        "vänta på nästa om du just har använt den.",
        "Name, password and code do not belong together, or the account is closed. Write all three again. A code is "
        "good for one time: wait for the next if you have just used it.",
    ),
    "door.refused_elsewhere": Text(
        "Myndighetens inloggning gav inget svar som duger, eller så har du inget öppet konto här. Försök igen, eller "
        "be en administratör om ett konto.",
        "Your agency's login gave no answer that will do, or you have no open account here. Try again, or ask an "
        "administrator for an account.",
    ),
    "door.wait": Text(
        "Det har varit för många försök. Vänta {time} och försök igen.",
        "There were too many attempts. Wait {time} and try again.",
    ),
    "door.seconds": Text("{n} sekunder", "{n} seconds"),
    "door.minutes": Text("{n} minuter", "{n} minutes"),
    "door.oidc": Text("Logga in med myndighetens inloggning", "Log in with your agency's login"),
    "door.or": Text("Eller med konto här", "Or with an account here"),
    "door.out": Text("Du är utloggad.", "You are logged out."),
    "door.limits": Text(
        "Du loggas ut när du inte har gjort något på {idle} minuter, och senast efter {hours} timmar. Efter "
        "{account} felaktiga försök på ett konto, eller {address} från samma nätadress, måste man vänta mellan "
        "försöken: först en halv minut, som mest en timme.",
        "You are logged out when you have done nothing for {idle} minutes, and after {hours} hours at most. After "
        "{account} failed attempts on an account, or {address} from one network address, one must wait between "
        "attempts: at first half a minute, at most an hour.",
    ),
    "door.lost": Text(
        "Har du tappat både appen och reservkoderna? Be en administratör om nya.",
        "Have you lost both the app and the recovery codes? Ask an administrator for new ones.",
    ),
    "door.hop_title": Text("Du skickas vidare", "You are sent on"),
    "door.hop": Text("Händer inget? Gå vidare här.", "Does nothing happen? Go on here."),
    "door.sessions": Text("Dina inloggningar", "Your sessions"),
    "door.sessions_lead": Text(
        "Varje webbläsare som du är inloggad i. Känner du inte igen någon: avsluta den och byt lösenord.",
        "Every browser that you are logged in with. If you do not know one of them: end it and change your password.",
    ),
    "door.begun": Text("Inloggad", "Logged in"),
    "door.seen": Text("Senast använd", "Last used"),
    "door.this_one": Text("den här webbläsaren", "this browser"),
    "door.end": Text("Avsluta", "End"),
    "door.end_one": Text("inloggningen från {begun}", "the session from {begun}"),
    "door.end_others": Text("Avsluta alla andra", "End all others"),
    "door.no_others": Text("Du är inte inloggad någon annanstans.", "You are logged in nowhere else."),
    "door.done_ended": Text("Avslutat.", "Ended."),
    "door.done_password": Text(
        "Lösenordet är bytt, och alla andra inloggningar är avslutade.",
        "The password is changed, and all other sessions have ended.",
    ),
    "door.recovery": Text("Reservkoder", "Recovery codes"),
    "door.recovery_left": Text(
        "Du har {n} reservkoder kvar. Nya får du av en administratör, tillsammans med en ny kod till appen.",
        "You have {n} recovery codes left. New ones are given by an administrator, with a new code for the app.",
    ),
    "door.change_password": Text("Byt lösenord", "Change your password"),
    "door.password_lead": Text(
        "När lösenordet är bytt avslutas dina andra inloggningar.",
        "When the password is changed, your other sessions end.",
    ),
    "door.present_password": Text("Nuvarande lösenord", "Present password"),
    "door.new_password": Text("Nytt lösenord", "New password"),
    "door.new_again": Text("Nytt lösenord igen", "New password again"),
    "door.new_help": Text(
        "Minst {shortest} tecken; flera ord i rad går bra. Vanliga lösenord, ditt namn, årtal och rader på "
        "tangentbordet räknas inte: minst {own} tecken ska vara något annat.",
        "At least {shortest} characters; several words in a row will do. Common passwords, your name, years and rows "
        "of the keyboard do not count: at least {own} characters must be something else.",
    ),
    "door.wrong_again": Text(
        "De två är inte lika. Skriv samma igen.", "The two are not the same. Write the same again."
    ),
    "door.wrong_new": Text(
        "För kort eller för lätt att gissa. Ta fler, mindre vanliga ord.",
        "Too short or too easily guessed. Take more words, less common ones.",
    ),
    "door.wrong_present": Text(
        "Det är inte ditt nuvarande lösenord, eller så är det nya samma som det gamla.",
        "That is not your present password, or the new one is the same.",
    ),
    "door.wrong_wait": Text("För många försök. Vänta en stund.", "Too many attempts. Wait a while."),
    "door.error_400": Text(
        "Det som skickades gick inte att läsa|Gå tillbaka, ladda om sidan och försök igen. Inget har sparats.",
        "What was sent could not be read|Go back, load the page again and try once more. Nothing was saved.",
    ),
    "door.error_401": Text(
        "Du är inte inloggad|Inget har sparats. Logga in i en ny flik och kopiera dit det du skrev: det står kvar om "
        "du går tillbaka i den här.",
        "You are not logged in|Nothing was saved. Log in in another tab and copy what you wrote to it: it is still "
        "there when you go back in this one.",
    ),
    "door.error_403": Text(
        "Din roll får inte göra det här|Be någon som har rätt roll. Vad varje roll får göra står i dokumentationen.",
        "Your role may not do this|Ask somebody who has the role. What each role may do stands in the documentation.",
    ),
    "door.error_404": Text(
        "Sidan finns inte|Kontrollera adressen, eller börja från startsidan.",
        "There is no such page|Check the address, or begin at the start page.",
    ),
    "door.error_405": Text(
        "Så går det inte att göra|Börja från startsidan.", "It cannot be done that way|Begin at the start page."
    ),
    "door.error_409": Text(
        "Någon annan hann före|Ladda om sidan och se vad som gäller nu. Inget har sparats.",
        "Somebody else was first|Load the page again and see what stands now. Nothing was saved.",
    ),
    "door.error_413": Text(
        "Det som skickades är för stort|Högst 1 MB tas emot. Inget har sparats.",
        "What was sent is too large|At most 1 MB is taken. Nothing was saved.",
    ),
    "door.error_500": Text(
        "Något gick fel hos oss|Det är antecknat. Försök igen; händer det flera gånger, säg till den som sköter "
        "systemet.",
        "Something went wrong on our side|It was noted. Try again; if it happens again, tell who runs the system.",
    ),
    "door.error_other": Text(
        "Det gick inte|Börja från startsidan och försök igen.", "It did not work|Begin at the start page and try again."
    ),
    "door.to_start": Text("Till startsidan", "To the start page"),
    "people.nav_accounts": Text("Konton", "Accounts"),
    "people.accounts_lead": Text(
        "Alla som kan logga in här, och alla som har kunnat. Nya konton, nya koder till appen och nya reservkoder "
        "görs på maskinen: publisher officer add och publisher officer reset.",
        "Everybody who can log in here, and everybody who could. New accounts, new codes for the app and new "
        "recovery codes are made at the machine: publisher officer add and publisher officer reset.",
    ),
    "people.role": Text("Roll", "Role"),
    "people.state": Text("Läge", "State"),
    "people.open": Text("öppet", "open"),
    "people.closed": Text("stängt {at}", "closed {at}"),
    "people.sessions": Text("Inloggningar", "Sessions"),
    "people.no_sessions": Text("Kontot är inte inloggat någonstans.", "The account is logged in nowhere."),
    "people.end_all": Text("Avsluta alla", "End all"),
    "people.close": Text("Stäng kontot", "Close the account"),
    "people.close_lead": Text(
        "Inloggningarna avslutas genast och ingen kan logga in med kontot igen. Det som kontot har gjort står kvar.",
        "Its sessions end at once and nobody can log in with it again. What it has done stays.",
    ),
    "people.reason": Text("Varför", "Why"),
    "people.reason_help": Text("Skälet står i loggen.", "The reason stands in the log."),
    "people.wrong_reason": Text("Skriv varför kontot stängs.", "Write why the account is closed."),
    "people.wrong_own": Text(
        "Du kan inte stänga ditt eget konto. Be en annan administratör.",
        "You cannot close your own account. Ask another administrator.",
    ),
}
