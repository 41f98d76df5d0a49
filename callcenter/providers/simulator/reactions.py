"""What a simulated contact says to the words of an operator: it has read them."""

import re
from random import Random

_BYE = re.compile(r"\b(good ?bye|bye|have a (nice|good|lovely)|adi[oó]s|hasta (luego|pronto)|que tenga)\b", re.IGNORECASE)
_HELLO = re.compile(r"\b(hello|hi|good (morning|afternoon|evening)|hola|buen[oa]s)\b", re.IGNORECASE)
_SORRY = re.compile(r"\b(sorry|apologi[sz]e|lo siento|disculp\w+|perd[oó]n\w*)\b", re.IGNORECASE)
# A time, an amount, a code: what people repeat to be sure.
_FIGURE = re.compile(r"(?:[€$£]\s?)?\d[\d:.,]*(?:\s?(?:€|am|pm|%))?", re.IGNORECASE)

_SAID: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "question": ("Yes, please.", "Yes, that is right.", "No, I don't think so.", "I'm not sure, could you check for me?"),
        "bye": ("Thank you, goodbye!", "Thanks for your help, bye!"),
        "figure": ("{figure}, got it, thank you.", "So {figure}. That works for me."),
        "hello": ("Oh, a real person! Hello, thank you for taking over.", "Hello! Good to talk to somebody."),
        "sorry": ("No problem, these things happen.", "That's all right, thank you for saying so."),
        "other": ("Okay, thank you.", "That helps, thank you.", "All right, I understand."),
    },
    "es": {
        "question": ("Sí, por favor.", "Sí, eso es.", "No, creo que no.", "No estoy segura, ¿lo puede comprobar?"),
        "bye": ("¡Gracias, adiós!", "Gracias por la ayuda, ¡hasta luego!"),
        "figure": ("{figure}, entendido, gracias.", "Entonces {figure}. Me va bien."),
        "hello": ("¡Ah, una persona de verdad! Hola, gracias.", "¡Hola! Qué bien hablar con alguien."),
        "sorry": ("No pasa nada.", "Está bien, gracias por decirlo."),
        "other": ("Vale, gracias.", "Eso me ayuda, gracias.", "De acuerdo, entiendo."),
    },
}


def kind_of(text: str) -> tuple[str, str]:
    """What sort of words these are, and the figure in them: a question counts before all else."""
    figure = _FIGURE.search(text)
    if text.rstrip().endswith("?"):
        return "question", ""
    for kind, pattern in (("bye", _BYE), ("sorry", _SORRY)):
        if pattern.search(text):
            return kind, ""
    if figure:
        return "figure", figure[0].rstrip(".,:")
    return ("hello" if _HELLO.search(text) else "other"), ""


def reaction_to(text: str, language: str, rng: Random) -> str:
    """``language`` as the call has it; those without words of their own answer in English."""
    kind, figure = kind_of(text)
    words = _SAID.get(language[:2].lower(), _SAID["en"])[kind]
    return rng.choice(words).format(figure=figure)
