"""`./trunkline fuzz`: runs every libFuzzer target for a while; what it learns is kept in .local/fuzz."""

from __future__ import annotations

import subprocess

from trunkline_local import packages
from trunkline_local.build import build, configure
from trunkline_local.console import say, step
from trunkline_local.failure import Failure
from trunkline_local.paths import LOCAL, ROOT

PRESET = "fuzz"
TARGETS = ROOT / "build" / PRESET / "fuzz"


def fuzz(name: str | None, seconds: int) -> int:
    with step("packages") as current:
        packages.install(packages.BUILD + packages.FUZZING, current)
    with step("build") as current:
        configure(PRESET, current, again=True)
        build(PRESET, current, _targets())
    targets = sorted(file for file in TARGETS.glob("*") if name in (None, file.name))
    if not targets:
        known = ", ".join(sorted(file.name for file in TARGETS.glob("*"))) or "none"
        raise Failure("fuzz", f"no target {name or ''}; there are: {known}")
    failed = [target.name for target in targets if not _run(target.name, seconds)]
    say(f"{len(targets) - len(failed)} passed, {len(failed)} failed{': ' if failed else ''}{' '.join(failed)}")
    return 1 if failed else 0


def _targets() -> tuple[str, ...]:
    """Only the fuzzers: the services are not needed."""
    listed = subprocess.run(
        ["ninja", "-C", str(TARGETS.parent), "-t", "targets", "all"], check=True, capture_output=True, text=True
    )
    found = [line.split(":")[0] for line in listed.stdout.splitlines() if line.startswith("fuzz/")]
    if not found:
        raise Failure("fuzz", "the preset has no fuzz target")
    return tuple(found)


def _run(name: str, seconds: int) -> bool:
    corpus = LOCAL / "fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    findings = LOCAL / "fuzz" / "findings"
    findings.mkdir(exist_ok=True)
    log = LOCAL / "log" / f"fuzz-{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [
        str(TARGETS / name),
        f"-max_total_time={seconds}",
        "-timeout=10",
        f"-artifact_prefix={findings}/{name}-",
        str(corpus),
    ]
    with step(f"fuzz {name}") as current:
        current.progress(f"for {seconds} s")
        with log.open("wb") as output:
            done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        current.outcome = "found nothing" if done.returncode == 0 else f"FAILED, see {log}"
    return done.returncode == 0
