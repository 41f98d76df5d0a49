"""Times of the administration as the pages of the console write them, with seconds. Other languages keep Django's forms."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i:s"
DATETIME_FORMAT = f"{DATE_FORMAT} {TIME_FORMAT}"
