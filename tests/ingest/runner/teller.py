"""A process on the console's database: it runs each script that comes in as a line of JSON, and answers with what that printed."""

import contextlib
import io
import json
import os
import sys
import traceback

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "callcenter.settings"
    django.setup()
    for line in sys.stdin:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            try:
                exec(json.loads(line), {})  # noqa: S102  (a test's own script)
            except Exception:  # noqa: BLE001
                printed.write(f"{traceback.format_exc()}\nfailed\n")
        sys.stdout.write(json.dumps(printed.getvalue()) + "\n")
        sys.stdout.flush()
