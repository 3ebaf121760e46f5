"""placeholder."""

from local.progress import Progress


def demo(progress: Progress) -> int:
    return 1
