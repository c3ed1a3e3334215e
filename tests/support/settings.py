"""Settings for tests that must not wait as long as people would."""

from __future__ import annotations

from support.twin import Twin
from trunkline_local.part import Part
from trunkline_local.stack import Stack

# A dial in doubt is found out within seconds: 1 + 2 + 1 s until the provider counts as asked, and 1 s for its listing.
SHORT_DOUBTS = {
    "TRUNKLINE_PROVIDER_API_TIMEOUT": "2s",
    "TRUNKLINE_DIAL_MARGIN": "1s",
    "TRUNKLINE_DIAL_SETTLE_TIME": "1s",
    # What a gateway that died had in hand is taken over soon.
    "TRUNKLINE_DIAL_LEASE": "10s",
}
# A minute of a call takes this share of a minute.
TIME_SCALE = 0.03


def restart_with(part: Part, settings: dict[str, str]) -> None:
    part.overrides.update(settings)
    part.kill()
    part.start()


def shorten_calls(stack: Stack) -> Twin:
    twin = Twin(stack)
    twin.configure(time_scale=TIME_SCALE)
    return twin


def shorten_doubts(stack: Stack) -> None:
    restart_with(stack["gateway"], SHORT_DOUBTS)
