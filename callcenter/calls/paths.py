"""Addresses that more than one package writes down."""

from urllib.parse import quote


def recording_path(call_uuid: str, key: str) -> str:
    """The address of a recording. Its key, unlike the number of its row, survives a rebuild of the rows."""
    return f"/calls/{quote(call_uuid, safe='')}/recordings/{quote(key, safe='')}/"
