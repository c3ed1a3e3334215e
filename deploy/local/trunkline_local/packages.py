"""Debian packages: installs what is missing, and only that."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from trunkline_local.console import Step
from trunkline_local.failure import Failure
from trunkline_local.paths import LOCAL

BUILD = (
    "ca-certificates",
    "ccache",
    "cmake",
    "g++",
    "libabsl-dev",
    "libbenchmark-dev",
    "libboost-dev",
    "libcurl4-openssl-dev",
    "libgmock-dev",
    "libgrpc++-dev",
    "libgtest-dev",
    "libjemalloc-dev",
    "libphonenumber-dev",
    "libcli11-dev",
    "libpq-dev",
    "libprotobuf-dev",
    "libpugixml-dev",
    "librdkafka-dev",
    "libsimdjson-dev",
    "libssl-dev",
    "ninja-build",
    "nlohmann-json3-dev",
    "pkg-config",
    "prometheus-cpp-dev",
    "protobuf-compiler",
    "protobuf-compiler-grpc",
)
POSTGRES = ("postgresql-15",)
APACHE_KAFKA = ("maven", "openjdk-17-jre-headless")
PYTHON_TESTS = ("python3-venv",)
FORMAT = ("clang-format",)
# python3-venv for clang-tidy; see analysis_tool.py.
CHECKS = (*FORMAT, "python3-venv", "shellcheck")
# Of Redis the tools alone, which bring the server along but do not start it; see tests/bench/benchmark/express_peer.py.
BENCH = ("redis-tools",)
FUZZING = ("clang", "libclang-rt-14-dev")

LOG = LOCAL / "log" / "packages.log"
# Debian's PostgreSQL starts a cluster for everybody when it is installed. Trunkline needs none, so a machine that had
# no PostgreSQL gets none.
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/trunkline.conf")


def node() -> tuple[str, ...]:
    """Nothing where Node.js was installed in another way."""
    return () if shutil.which("node") and shutil.which("npm") else ("nodejs", "npm")


def missing(names: tuple[str, ...]) -> list[str]:
    if shutil.which("dpkg-query") is None:
        raise Failure("packages", "this is no Debian; Trunkline is built from the packages of Debian 12")
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\\n", *names]
    answer = subprocess.run(query, check=False, capture_output=True, text=True)
    installed = {line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


def install(names: tuple[str, ...], step: Step) -> None:
    wanted = missing(tuple(dict.fromkeys(names)))
    if not wanted:
        step.outcome = "nothing is missing"
        return
    root = _become_root(wanted)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_bytes(b"")
    step.progress("apt-get update")
    _run([*root, "apt-get", "update"])
    step.progress(f"apt-get install of {len(wanted)} packages: {' '.join(wanted)}")
    without_cluster = "postgresql-15" in wanted and missing(("postgresql-common",)) != []
    if without_cluster:
        _run([*root, "mkdir", "-p", str(NO_CLUSTER.parent)])
        _run([*root, "sh", "-c", f"echo 'create_main_cluster = false' > {shlex.quote(str(NO_CLUSTER))}"])
    try:
        _run(
            [
                *root,
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
                *wanted,
            ]
        )
    finally:
        if without_cluster:
            _run([*root, "rm", "-f", str(NO_CLUSTER)])
            _run([*root, "rmdir", "--ignore-fail-on-non-empty", str(NO_CLUSTER.parent)])
    step.outcome = f"installed {' '.join(wanted)}"


def _become_root(wanted: list[str]) -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo"]
    raise Failure(
        "packages",
        "these packages are missing, and without sudo only root can install them:\n"
        f"    apt-get install --no-install-recommends {' '.join(wanted)}",
    )


def _run(command: list[str]) -> None:
    with LOG.open("ab") as log:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if done.returncode != 0:
        raise Failure("packages", f"{shlex.join(command[:8])} ... failed", LOG)
