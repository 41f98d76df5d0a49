"""Where a call can be sent: a telephone number or a SIP address, as people write it."""

import phonenumbers

LONGEST = 200


class NotDialable(ValueError):
    """The text says what is wrong, for the person who wrote it."""


def dialable(text: str) -> str:
    """E.164, or the SIP address. Raises NotDialable."""
    wanted = text.strip()
    if wanted.lower().startswith("sip:"):
        name, _, host = wanted[4:].partition("@")
        if name and host and not any(c.isspace() or not c.isprintable() for c in wanted) and len(wanted) <= LONGEST:
            return wanted
        raise NotDialable("A SIP address looks like sip:name@host.")
    try:
        number = phonenumbers.parse(wanted, None)
    except phonenumbers.NumberParseException as error:
        raise NotDialable("Write the number with + and the country code, for example +44 20 7946 0177.") from error
    if not phonenumbers.is_possible_number(number):
        raise NotDialable("This number has too few or too many digits.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
