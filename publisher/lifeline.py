"""A process that another one forked ends with it, however that one ended.

What is told to stop tells its children; what is killed cannot.  A child that is left would hold a port, or the locks of
a home folder, or wait for ever to be heard.
"""

import multiprocessing
import os
from threading import Thread


def end_with_parent() -> None:
    """Watch the parent of this process from a thread, and end at once when it has ended.  Nothing in a process that is
    nobody's child."""
    Thread(target=_end, daemon=True).start()


def _end() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
