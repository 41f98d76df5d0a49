"""Invented people and the small facts that make one conversation differ from the next."""

from collections.abc import Mapping
from random import Random

GIVEN = {
    "en": ("Noor", "Amelia", "Tom", "Priya", "Callum", "Grace", "Marcus", "Hannah", "Idris", "Beth", "Owen",
           "Chloe", "Samir", "Rosie", "Kwame", "Ellie", "Patrick", "Mei", "Jasmine", "Luke"),
    "es": ("Lucía", "Mateo", "Carmen", "Hugo", "Inés", "Álvaro", "Marta", "Javier", "Nuria", "Diego", "Pilar",
           "Andrés", "Rocío", "Sergio", "Begoña", "Iker"),
}  # fmt: skip
FAMILY = {
    "en": ("Whitfield", "Osei", "Carver", "Bannerjee", "Lockhart", "Doyle", "Nakamura", "Pritchard", "Abara",
           "Sutton", "Haddad", "Mercer", "Quinn", "Ellery", "Fairchild", "Novak"),
    "es": ("Ibáñez", "Peralta", "Domínguez", "Castaño", "Rueda", "Olmedo", "Salcedo", "Quiroga", "Valverde",
           "Montalbán", "Espina", "Larrea"),
}  # fmt: skip

CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "tomorrow"),
        "time": ("nine o'clock", "half past nine", "twenty to eleven", "ten past two", "quarter to four", "half past five"),
        "time2": ("eleven fifteen", "one o'clock", "quarter past three", "five o'clock"),
        "clock": ("09:00", "09:30", "10:40", "14:10", "15:45", "17:30"),
        "clock2": ("11:15", "13:00", "15:15", "17:00"),
        "part": ("morning", "afternoon"),
        "street": ("14 Quay Lane", "3 Alder Row", "201 Peachtree Walk", "58 Mill Road", "9 Station Parade", "77 Birch Court"),
        "item": ("gravel bike", "child seat", "rear light set", "winter jacket", "helmet", "pair of tyres"),
        "colour": ("black", "dark green", "red", "silver"),
        "size": ("small", "medium", "large", "54 centimetre"),
        "carrier": ("Swiftpost", "Longmile", "CityDrop"),
        "engineer": ("Dana", "Luis", "Petra", "Cole"),
        "dentist": ("Dr Okafor", "Dr Lindqvist", "Dr Hale"),
        "problem": ("boiler leaks", "kitchen tap will not stop dripping", "toilet is blocked", "water heater makes a banging noise"),
        "operator": ("Petra", "Jonah", "Maya", "Stefan"),
        "tooth": ("back tooth", "front tooth", "filling", "crown"),
        "wrong": ("Bellini's Pizza", "the vet", "the city library", "Mr Harrow"),
        "swear": ("ridiculous", "a joke", "beyond belief", "completely useless"),
    },
    "es": {
        "day": ("el lunes", "el martes", "el jueves", "el viernes", "mañana", "el sábado"),
        "time": ("las nueve", "las nueve y media", "las dos y cuarto", "las ocho de la tarde", "las diez"),
        "time2": ("las nueve menos cuarto", "las tres", "las ocho y media"),
        "clock": ("09:00", "14:15", "20:00", "21:30", "22:00"),
        "clock2": ("15:00", "20:30", "20:45"),
        "part": ("por la mañana", "por la tarde", "por la noche"),
        "street": ("calle del Olivo 12", "avenida del Puerto 45", "plaza Nueva 3", "calle Sauce 8"),
        "item": ("mochila de piel", "lámpara de mesa", "cafetera", "manta de lana", "bandeja de cerámica"),
        "colour": ("negra", "verde", "roja", "azul"),
        "size": ("pequeña", "mediana", "grande"),
        "carrier": ("Rutamar", "Entrega24", "Correvía"),
        "dish": ("arroz negro", "pulpo a la brasa", "croquetas de jamón", "tortilla de patatas", "bacalao al pilpil"),
        "dish2": ("ensalada de tomate", "flan de la casa", "pan con alioli", "gazpacho"),
        "dentist": ("la doctora Rueda", "el doctor Salcedo"),
        "operator": ("Elena", "Rubén", "Aitor"),
        "tooth": ("muela", "muela del juicio", "empaste"),
        "wrong": ("la farmacia", "el taller de coches", "la peluquería", "don Ramón"),
        "swear": ("una vergüenza", "increíble", "una tomadura de pelo"),
    },
}  # fmt: skip


def name_for(number: str, language: str) -> str:
    """The full name that belongs to a number, always the same one."""
    rng = Random(number)
    return f"{rng.choice(GIVEN[language])} {rng.choice(FAMILY[language])}"


def slots_for(language: str, name: str, business: str, number: str, rng: Random) -> dict[str, str]:
    """Everything a script may name in braces, drawn once for the whole call."""
    slots = {slot: rng.choice(values) for slot, values in CHOICES[language].items()}
    slots |= {
        "name": name,
        "first": name.split(" ", maxsplit=1)[0],
        "business": business,
        "number": number,
        "party": str(rng.randint(2, 8)),
        "order": f"{rng.choice('ABKNR')}{rng.randint(10000, 99999)}",
        "amount": f"{rng.randint(18, 240)}.{rng.choice(('00', '50', '90', '95'))}",
        "days": str(rng.randint(2, 14)),
        "pin": f"{rng.randint(1000, 9999)}",
        "eta": str(rng.choice((25, 40, 55, 90))),
        "age": str(rng.randint(4, 11)),
    }
    return slots


def fill(value: object, slots: Mapping[str, str]) -> object:
    """A copy of a JSON-like value with every ``{slot}`` in its texts filled."""
    if isinstance(value, str):
        return value.format_map(slots)
    if isinstance(value, Mapping):
        return {key: fill(inside, slots) for key, inside in value.items()}
    if isinstance(value, (list, tuple)):
        return [fill(inside, slots) for inside in value]
    return value


def wording(text: str | tuple[str, ...], slots: Mapping[str, str], rng: Random) -> str:
    """One of the wordings of a text, filled."""
    chosen = text if isinstance(text, str) else rng.choice(text)
    return chosen.format_map(slots)
