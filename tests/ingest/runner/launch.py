"""``python -m tests.ingest.runner.launch run_connections``: manage.py with the scripted client registered.

``FILE_LIMIT``: no file of this process grows beyond so many bytes, as on a full disk.
"""

import os
import resource
import sys

from django.core.management import execute_from_command_line

from tests.ingest.runner.scripted import register

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "callcenter.settings"
    register()
    if limit := int(os.environ.get("FILE_LIMIT", "0")):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    execute_from_command_line(["manage.py", *sys.argv[1:]])
