"""What the log says of pages that somebody may not see."""

import io
import logging

from django.test import Client

from callcenter.operators.models import Operator


def test_a_denied_page_is_one_line_in_the_log(client: Client, oskar: Operator):
    client.force_login(oskar)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger("django").addHandler(handler)
    try:
        assert client.get("/operators/").status_code == 403
    finally:
        logging.getLogger("django").removeHandler(handler)
    assert written.getvalue() == "Forbidden (Permission denied): /operators/\n"
