"""Frames on disk that belong to another database: they are not sent into this one, and not passed over in silence."""

from pathlib import Path

from callcenter.ingest.runner.progress import Place, newest

WORDS = (
    "Frames of another database, or of an earlier connection of this name, lie in {} and are not sent: "
    "start the runner with that database to send them, or delete the folder."
)


def words_of_strangers(spools: Path, slug: str, own: Path) -> list[str]:
    """A sentence for each folder that holds frames of a connection of this name, besides our own. Nothing in it is touched."""
    folders = [folder for folder in sorted(spools.glob(f"*-{slug}/*")) if folder.parent.name.partition("-")[2] == slug]
    return [WORDS.format(folder) for folder in folders if folder != own and _holds_any(folder)]


def _holds_any(folder: Path) -> bool:
    """What cannot be looked into may hold some; a file that lies there holds none."""
    try:
        return any(map(holds_frames, list(folder.iterdir())))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def holds_frames(spool: Path) -> bool:
    """Whether it has lines with frames that ingest never acknowledged. What cannot be looked into may have some."""
    try:
        progress = newest((spool / "progress").read_bytes())
        done = progress.done if progress else Place()
        return any(_has_frames(path, done) for path in sorted(spool.glob("*.log")) if int(path.stem) >= done.segment)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def _has_frames(segment: Path, done: Place) -> bool:
    with segment.open("rb") as file:
        file.seek(done.offset if int(segment.stem) == done.segment else 0)
        return any(line.split(b" ", 2)[1:2] not in ([], [b"0"]) for line in file)
