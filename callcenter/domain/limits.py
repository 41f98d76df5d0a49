"""When silence means something: unanswered after half a minute, stale after two, lost after the call's own limits. Contract G.5, F.2."""

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Seconds; 0 = unlimited."""

    stale_s: float = 120.0
    voice_max_s: float = 600.0
    voice_grace_s: float = 60.0
    chat_idle_s: float = 1800.0
    whatsapp_window_s: float = 24 * 3600.0
    unanswered_s: float = 30.0


def stale_since(channel: str, status: str, heard_at: float, now: float, limits: Limits) -> float | None:
    """Epoch s of the last signal when it is too long ago, else None. WhatsApp is silent by nature."""
    if status == "completed" or channel == "whatsapp" or not limits.stale_s or now - heard_at <= limits.stale_s:
        return None
    return heard_at


def is_unanswered(since: float | None, now: float, limits: Limits) -> bool:
    """``since``: arrival of the contact's first words that nobody has answered, epoch s; None = there are none."""
    return since is not None and bool(limits.unanswered_s) and now - since > limits.unanswered_s


def lost(channel: str, started_at: float, heard_at: float, now: float, limits: Limits) -> bool:
    """Is a live call of this channel beyond its limits? All times by arrival, epoch s."""
    silent = now - heard_at
    if channel == "whatsapp":
        return bool(limits.whatsapp_window_s) and silent > limits.whatsapp_window_s
    if channel == "chat":
        return bool(limits.chat_idle_s) and silent > limits.chat_idle_s
    if not limits.voice_max_s or silent <= limits.stale_s:
        return False
    return now - started_at > limits.voice_max_s + limits.voice_grace_s
