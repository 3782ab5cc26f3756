"""Values of 17 kinds, made by the rules of their standards; nothing of it is taken from the package measured."""

import string
from collections.abc import Callable
from random import Random
from typing import Final

_BASE62: Final = string.ascii_letters + string.digits
_CARDS: Final = (("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("3530", 16))
_IBANS: Final = (("DE", 18), ("NL", 0), ("FR", 23), ("ES", 20), ("BE", 12), ("AT", 16), ("PT", 21))


def _digits(random: Random, count: int) -> str:
    return "".join(random.choices(string.digits, k=count))


def _luhn(body: str) -> str:
    """The digit that completes a number by ISO/IEC 7812-1, annex B."""
    total = sum(sum(divmod(int(c) * (2 - n % 2), 10)) for n, c in enumerate(reversed(body)))
    return str(-total % 10)


def card(random: Random) -> str:
    """A payment card's number, in groups or not."""
    prefix, length = random.choice(_CARDS)
    body = prefix + _digits(random, length - len(prefix) - 1)
    whole = body + _luhn(body)
    joint = random.choice(["", "", " ", "-"])
    sizes = (4, 6, 5) if length == 15 else (4, 4, 4, 4)
    return joint.join(whole[sum(sizes[:n]) : sum(sizes[: n + 1])] for n in range(len(sizes)))


def iban(random: Random) -> str:
    """By ISO 13616; Dutch ones have letters."""
    country, length = random.choice(_IBANS)
    body = "".join(random.choices(string.ascii_uppercase, k=4)) + _digits(random, 10) if not length else ""
    body = body or _digits(random, length)
    number = int("".join(str(int(c, 36)) for c in body + country + "00"))
    return f"{country}{98 - number % 97:02d}{body}"


def ssn(random: Random) -> str:
    """Area, group and serial number that are given out."""
    area = random.choice([n for n in range(1, 900) if n != 666])
    return f"{area:03d}-{random.randint(1, 99):02d}-{random.randint(1, 9999):04d}"


def email(random: Random) -> str:
    """A usual address."""
    name = "".join(random.choices(string.ascii_lowercase, k=random.randint(3, 9)))
    return f"{name}{random.choice(['', '.k', '_x', '+a', '7'])}@{random.choice(['example.com', 'mail.example.org'])}"


def phone(random: Random) -> str:
    """International form, of countries with a free range for it."""
    us = f"+1 {random.randint(201, 989)} {random.randint(201, 989)} {_digits(random, 4)}"
    gb = f"+44 20 7{_digits(random, 3)} {_digits(random, 4)}"
    de = f"+49 30 {random.randint(2, 8)}{_digits(random, 6)}"
    return random.choice([us, us.replace(" ", "-"), us.replace(" ", ""), gb, gb.replace(" ", ""), de])


def nino(random: Random) -> str:
    """UK National Insurance number."""
    first, second = random.choice("ABCEGHJKLMPRSTWXYZ"), random.choice("ABCEGHJKLMPRSTWXYZ")
    prefix = "AB" if first + second in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"} else first + second
    return f"{prefix}{_digits(random, 6)}{random.choice('ABCD')}"


def cpf(random: Random) -> str:
    """Brazil's taxpayer number with its two check digits."""
    digits = [random.randint(0, 9) for _ in range(9)]
    for _ in range(2):
        rest = sum(d * (len(digits) + 1 - n) for n, d in enumerate(digits)) * 10 % 11 % 10
        digits.append(rest)
    text = "".join(map(str, digits))
    return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


def dni(random: Random) -> str:
    """Spain's identity number with its letter."""
    number = random.randint(1_000_000, 99_999_999)
    return f"{number:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def mac(random: Random) -> str:
    """A device's address."""
    first = 4 * random.randint(0, 63)  # neither a group nor given out locally
    return ":".join(f"{byte:02x}" for byte in (first, *random.randbytes(5)))


def _token(prefix: str, alphabet: str, count: int) -> Callable[[Random], str]:
    return lambda random: prefix + "".join(random.choices(alphabet, k=count))


def jwt(random: Random) -> str:
    """Header of a JSON Web Token (`{"alg":"HS256","typ":"JWT"}`), random claims and signature."""
    claims, signature = (_token("", _BASE62, n)(random) for n in (60, 43))
    return f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{claims}.{signature}"


def slack(random: Random) -> str:
    """A bot's token."""
    return f"xoxb-{_digits(random, 12)}-{_digits(random, 12)}-{_token('', _BASE62, 24)(random)}"


def sendgrid(random: Random) -> str:
    """An API key of two parts."""
    return f"SG.{_token('', _BASE62, 22)(random)}.{_token('', _BASE62, 43)(random)}"


# The detector's id, what names such a value, and how it is made.
KINDS: Final[dict[str, tuple[str, Callable[[Random], str]]]] = {
    "payment-card": ("card", card),
    "iban": ("iban", iban),
    "us-ssn": ("ssn", ssn),
    "email": ("email", email),
    "phone": ("phone", phone),
    "uk-nino": ("nino", nino),
    "br-cpf": ("cpf", cpf),
    "es-nif": ("dni", dni),
    "mac-address": ("mac", mac),
    "aws-access-key-id": ("aws_access_key_id", _token("AKIA", string.ascii_uppercase + "234567", 16)),
    "slack-token": ("slack", slack),
    "stripe-key": ("stripe", _token("sk_live_", _BASE62, 24)),
    "google-api-key": ("google", _token("AIza", _BASE62 + "_-", 35)),
    "sendgrid-key": ("sendgrid", sendgrid),
    "gitlab-token": ("gitlab", _token("glpat-", _BASE62, 20)),
    "huggingface-token": ("hf", _token("hf_", string.ascii_letters, 34)),
    "jwt": ("bearer", jwt),
}
