"""Believable token figures for Sippet's audit trail."""

from random import Random


def token_figures(rng: Random) -> dict[str, int]:
    """The token counts of one turn; parts add up to their sums."""
    input_text, input_audio, cached = rng.randint(200, 900), rng.randint(400, 1600), rng.randint(0, 500)
    output_text, output_audio = rng.randint(20, 90), rng.randint(90, 400)
    return {
        "total_tokens": input_text + input_audio + output_text + output_audio,
        "input_tokens": input_text + input_audio,
        "output_tokens": output_text + output_audio,
        "input_text_tokens": input_text,
        "input_audio_tokens": input_audio,
        "input_cached_tokens": cached,
        "output_text_tokens": output_text,
        "output_audio_tokens": output_audio,
    }
