"""Time zones of requests, by their names in the tz database.

The dependencies layer has the package ``tzdata``: the zones do not depend on the runtime's image.
"""

from zoneinfo import ZoneInfo


def read_time_zone(name: str) -> ZoneInfo:
    """Returns the zone of this name, such as ``Asia/Ho_Chi_Minh``.

    Raises:
        ValueError: The tz database has no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        # KeyError: no such zone; ValueError: a path; OSError: the name of a folder, such as Asia.
        raise ValueError("no such time zone") from error
