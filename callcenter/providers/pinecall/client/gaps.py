"""What a connection cannot do, by its kind, for people to read. Contract C.2, C.3, I.3."""

ONLY_LISTENS = "This connection only listens: it cannot carry commands."
GAPS: dict[str, tuple[str, ...]] = {
    "direct": ("What happens while the line is down is not repeated by Pinecall; calls that go on are heard again.",),
    "stream": (
        f"{ONLY_LISTENS} Use the bridge to take over, answer and hang up.",
        "The stream leaves out ringing, hold, mute, forwarding, tones that were sent, recordings, tool calls, and idle warnings.",
        "What happens while the stream is broken is lost: it repeats nothing.",
        "Newer SDKs leave out repetitions: of each utterance only the first word and the first interim text arrive.",
    ),
    "observer": (
        f"{ONLY_LISTENS} Use the bridge or a direct connection to take over, answer and hang up.",
        "Older Pinecall servers have no call log.",
    ),
}
