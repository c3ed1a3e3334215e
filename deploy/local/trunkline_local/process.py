"""A process that lives on in the background and that a later run finds again.

Its pid file holds the number and the start time, so that a number that the kernel gave to somebody else in the meantime
is never signalled.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from trunkline_local import process_table
from trunkline_local.waiting import wait_until

LARGEST_LOG = 50 * 1024 * 1024


@dataclass(frozen=True)
class Launch:
    """How a process is started."""

    command: list[str]
    environment: dict[str, str]

    def fingerprint(self) -> str:
        """Changes when the command, a setting or the program file changes."""
        # The program may stand behind a wrapper, so every argument that is a file counts.
        files = [os.stat(word) for word in self.command if word.startswith("/") and os.path.isfile(word)]
        description = [self.command, sorted(self.environment.items()), [(f.st_mtime_ns, f.st_size) for f in files]]
        return hashlib.sha256(json.dumps(description).encode()).hexdigest()


def _signal(number: int, signal_number: int) -> None:
    try:
        os.kill(number, signal_number)
    except ProcessLookupError:
        pass


class BackgroundProcess:
    def __init__(self, name: str, pid_file: Path, log: Path):
        self.name = name
        self.pid_file = pid_file
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, launch: Launch) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            log.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} starting {self.name}\n".encode())
            log.flush()
            self._child = subprocess.Popen(
                launch.command,
                env=launch.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                # A group of its own: Ctrl-C at the terminal is not for it.
                start_new_session=True,
            )
        record = {
            "pid": self._child.pid,
            "start_time": process_table.start_time(self._child.pid),
            "fingerprint": launch.fingerprint(),
        }
        unfinished = self.pid_file.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(record))
        unfinished.replace(self.pid_file)

    def _record(self) -> dict[str, str | int] | None:
        try:
            record: dict[str, str | int] = json.loads(self.pid_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return record

    def pid(self) -> int | None:
        """None when it does not run."""
        if self._child is not None:
            self._child.poll()  # collects the remains of a child that ended
        record = self._record()
        if record is None or record["start_time"] is None:
            return None
        number = int(record["pid"])
        return number if process_table.start_time(number) == record["start_time"] else None

    def is_running(self) -> bool:
        return self.pid() is not None

    def was_started(self) -> bool:
        """True when it was started and nobody stopped it since; it may have died."""
        return self.pid_file.exists()

    def fingerprint(self) -> str | None:
        record = self._record()
        return None if record is None else str(record.get("fingerprint"))

    def exit_description(self) -> str:
        code = None if self._child is None else self._child.poll()
        if code is None:
            return "it ended"
        if code < 0:
            return f"it was ended by {signal.Signals(-code).name}"
        return f"it ended with exit code {code}"

    def send(self, signal_number: int) -> None:
        """Nothing happens when it does not run."""
        number = self.pid()
        if number is not None:
            _signal(number, signal_number)

    def _family(self) -> list[int]:
        number = self.pid()
        return [] if number is None else [number, *process_table.descendants(number)]

    def freeze(self) -> None:
        """It and its children stand still: connections stay open and nobody answers."""
        # Itself first, so that it starts no child that is missed afterwards.
        self.send(signal.SIGSTOP)
        for member in self._family():
            _signal(member, signal.SIGSTOP)
        # The signal is only sent: until each thread has met it, one of them may still answer.
        if not wait_until(lambda: all(map(process_table.stands_still, self._family())), 10):
            raise TimeoutError(f"{self.name} still runs 10 s after SIGSTOP")

    def thaw(self) -> None:
        for member in self._family():
            _signal(member, signal.SIGCONT)

    def kill(self) -> None:
        """Ends it and its children at once, without a chance to tidy up, as a crash would."""
        self.freeze()
        family = {member: process_table.start_time(member) for member in self._family()}
        for member in family:
            _signal(member, signal.SIGKILL)

        def all_gone() -> bool:
            # The question about itself also collects its remains, if it is a child of ours.
            return not self.is_running() and not any(
                identity is not None and process_table.start_time(member) == identity
                for member, identity in family.items()
            )

        if not wait_until(all_gone, 10):
            raise TimeoutError(f"{self.name} survived SIGKILL for 10 s")

    def stop(self, signal_number: int = signal.SIGTERM, seconds: float = 20) -> bool:
        """Asks it to end, and ends it when it does not within the time; True when it ended by itself."""
        self.thaw()
        self.send(signal_number)
        by_itself = wait_until(lambda: not self.is_running(), seconds)
        if not by_itself:
            self.kill()
        self.pid_file.unlink(missing_ok=True)
        return by_itself
