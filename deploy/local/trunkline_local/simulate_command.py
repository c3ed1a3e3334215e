"""`./trunkline test --simulate`: governor and scheduler on a virtual clock, for a million calls."""

from __future__ import annotations

import subprocess

from trunkline_local import packages
from trunkline_local.build import build
from trunkline_local.console import say, step
from trunkline_local.failure import Failure
from trunkline_local.paths import ROOT, binaries, preset

PROGRAM = "campaign-simulation"


def simulate(calls: int, seed: int) -> int:
    try:
        with step("packages") as current:
            packages.install(packages.BUILD, current)
        with step("build") as current:
            build(preset(), current, (PROGRAM,))
    except Failure as failure:
        say(f"\nFAILED in {failure}")
        return 1
    command = [str(binaries(preset()) / PROGRAM), f"--calls={calls}", f"--seed={seed}"]
    return subprocess.run(command, check=False, cwd=ROOT).returncode
