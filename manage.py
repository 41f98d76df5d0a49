#!/usr/bin/env python
"""The door to every management command of the console."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcenter.settings")
    from django.core.management import execute_from_command_line

    from callcenter.environment import refused_in_words

    with refused_in_words():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
