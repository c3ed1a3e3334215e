"""`./trunkline down`: stops everything that `up` started; the data stays unless it is asked for otherwise."""

from __future__ import annotations

from trunkline_local.console import report, say
from trunkline_local.local_stack import local_stack


def down(delete_data: bool) -> int:
    stack = local_stack()
    stack.stop(report)
    if delete_data:
        stack.delete()
        say("Stopped, and the data is deleted.")
    else:
        say("Stopped. The data is kept; `./trunkline down --delete-data` deletes it.")
    return 0
