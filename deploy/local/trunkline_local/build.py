"""Configures and builds with CMake."""

from __future__ import annotations

import os
import re
import subprocess

from trunkline_local.console import Step
from trunkline_local.failure import Failure
from trunkline_local.paths import BUILD_LOG, ROOT

KILOBYTES_PER_COMPILER = 1_200_000


def jobs() -> int:
    """As many compilers as there are processors, unless the memory holds fewer."""
    if "CMAKE_BUILD_PARALLEL_LEVEL" in os.environ:
        return int(os.environ["CMAKE_BUILD_PARALLEL_LEVEL"])
    with open("/proc/meminfo") as file:
        available = int(next(line for line in file if line.startswith("MemAvailable:")).split()[1])
    return max(1, min(len(os.sched_getaffinity(0)), available // KILOBYTES_PER_COMPILER))


def configure(preset: str, step: Step, again: bool = False) -> None:
    """Once, as the build itself notices changes; `again` for who reads the result before a build."""
    BUILD_LOG.parent.mkdir(parents=True, exist_ok=True)
    BUILD_LOG.write_bytes(b"")
    if again or not (ROOT / "build" / preset / "build.ninja").exists():
        step.progress(f"cmake --preset {preset}")
        _run(["cmake", "--preset", preset], step, f"cmake cannot configure the preset {preset}")


def build(preset: str, step: Step, targets: tuple[str, ...] = ()) -> None:
    """Everything, unless targets are named."""
    configure(preset, step)
    selection = ["--target", *targets] if targets else []
    command = ["cmake", "--build", "--preset", preset, "--parallel", str(jobs()), *selection]
    _run(command, step, f"the preset {preset} does not build")
    step.outcome = f"built the preset {preset}"


def _run(command: list[str], step: Step, problem: str) -> None:
    with BUILD_LOG.open("ab") as log:
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                log.write(line)
                if re.match(rb"\[\d+/\d+\]", line):
                    step.progress(line.decode("utf-8", "replace").strip())
        if process.returncode != 0:
            log.flush()
            raise Failure("build", problem, BUILD_LOG)
