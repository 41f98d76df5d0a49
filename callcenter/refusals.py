"""A page that was refused is one line in the log: nothing failed, so there is nothing to trace."""

import logging

FORBIDDEN = 403


class RefusalFilter(logging.Filter):
    """For ``django.request``, which tells of a PermissionDenied as of an error, with its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 0) == FORBIDDEN:
            record.exc_info = record.exc_text = None
        return True
