"""The languages that an agent can be told to go on in: code -> name."""

LANGUAGES: dict[str, str] = {
    "ar": "Arabic", "ca": "Catalan", "zh": "Chinese", "da": "Danish", "nl": "Dutch", "en": "English", "fr": "French", "de": "German",
    "el": "Greek", "he": "Hebrew", "hi": "Hindi", "it": "Italian", "ja": "Japanese", "pl": "Polish", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "es": "Spanish", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
}  # fmt: skip


def language_name(spoken: str) -> str:
    """The name of what a provider calls ``en`` or ``en-GB``; "" for what is not in the list."""
    return LANGUAGES.get(spoken.strip().lower().replace("_", "-").partition("-")[0], "")
