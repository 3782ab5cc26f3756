"""The demo's documents: the handbook of a company that there is not, in nine formats, and what is asked of it."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Final

from sightglass_embedded.demo_formats import docx, mail, pdf, xlsx
from sightglass_embedded.demo_values import CARD, IBAN, MAIL, NHS, OTHER_CARD, PHONE, SCREEN_CARD, SCREEN_MAIL, SSN

# What is planted in the documents: none of it may be in an answer, nor in what is cited.
PLANTED: Final = (CARD, OTHER_CARD, IBAN, SSN, NHS, PHONE, MAIL)
# A video among the samples shows a screen, and these values on it.
SCREEN: Final = "screen.mp4"
SHOWN: Final = (SCREEN_CARD, SCREEN_MAIL)


@dataclass(frozen=True, slots=True)
class Question:
    """source: the file or video that answers it, or the id of a record of JSON Lines. says: words of the answer."""

    text: str
    source: str
    says: str


QUESTIONS: Final = (
    Question("How many days of holiday does an employee have in a year?", "holidays.md", "thirty days of holiday"),
    Question("How much may a hotel cost per night?", "travel.pdf", "up to 140 euros"),
    Question("In how many seconds did the build pass?", SCREEN, "Build passed in 41 seconds"),
    Question("How do I reset my password?", "faq-password", "press Forgotten"),
    Question("What is the number of the company payment card?", "cards.txt", "number of the company payment card"),
)

_HOLIDAYS: Final = """\
# Holidays

## How many

Each employee has thirty days of holiday in a year. Days that are left go on to the end of March.

## How to ask for them

Ask your team two weeks before, in the calendar. Who falls ill on holiday gets the days back.
"""
_CARDS: Final = f"""\
Paying for the company

The number of the company payment card is {CARD}. It is kept by the front desk.
Ask for the card before noon, and bring the receipt back within a week.
When the card is lost, call {PHONE} at once.
"""
_CANTEEN: Final = f"""\
<html><head><title>Canteen</title></head>
<body><h1>Canteen</h1>
<p>Lunch is served from half past eleven to two.</p>
<p>Guests of the canteen pay by transfer to IBAN <b>{IBAN}</b>.</p></body></html>
"""
_TRAVEL: Final = [
    ["Travel", "Train tickets are booked by the office, in second class."],
    ["Hotels", "A hotel may cost up to 140 euros per night, breakfast included.", f"Refunds go to card {OTHER_CARD}."],
]
_VISITORS: Final = [
    "Visitors",
    "Visitors of the lighthouse workshop have to wear a yellow badge and closed shoes.",
    "Badges are returned at the front desk before leaving.",
]
_FAQ: Final = (
    (
        "faq-password",
        "Passwords",
        "To reset your password, open the sign-in page and press Forgotten. A link comes by mail.",
    ),
    ("faq-printer", "Printers", "The printer on the second floor takes paper of any size. Toner is in the cupboard."),
    ("faq-parking", "Parking", f"Bicycles stand in the yard. For a place for a car, write to {MAIL} first."),
)
_STAFF: Final = (
    ("name", "team", "social security number"),
    ("Ann Lee", "Lenses", SSN),
    ("Bo Chen", "Foghorns", ""),
)
_ROTA: Final = {"A1": "week", "B1": "on call", "A2": "Week 48", "B2": "Lenses", "A3": "Week 49", "B3": "Foghorns"}
_DOCTOR: Final = f"The company doctor comes on the first Monday of a month. Bring your NHS number, as {NHS}.\n"


def documents() -> dict[str, bytes]:
    """The files by name."""
    return {
        "holidays.md": _HOLIDAYS.encode(),
        "cards.txt": _CARDS.encode(),
        "canteen.html": _CANTEEN.encode(),
        "travel.pdf": pdf(_TRAVEL),
        "visitors.docx": docx(_VISITORS),
        "rota.xlsx": xlsx("On call", _ROTA),
        "staff.csv": _csv(),
        "faq.jsonl": _records(),
        "doctor.eml": mail("The company doctor", _DOCTOR),
    }


def _csv() -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(_STAFF)
    return out.getvalue().encode()


def _records() -> bytes:
    lines = (json.dumps({"id": ref, "title": title, "text": text}) for ref, title, text in _FAQ)
    return "".join(f"{line}\n" for line in lines).encode()
