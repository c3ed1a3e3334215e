"""nginx, answering every request with an empty 204: what this machine can do with HTTP when nothing is done with it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from trunkline_local.failure import Failure
from trunkline_local.part import Part, base_environment
from trunkline_local.paths import LOCAL
from trunkline_local.process import Launch
from trunkline_local.ready_probe import answers_ok

HOME = LOCAL / "bench" / "nginx"
# As the package sets it up where nothing else is said, but with connections that are kept for a whole turn.
CONFIGURATION = """
daemon off;
worker_processes auto;
pid {home}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_timeout 120s;
  keepalive_requests 100000000;
  client_body_temp_path {home}/body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location = /healthz {{ return 200; }}
    location / {{ return 204; }}
  }}
}}
"""


def nginx_program() -> Path:
    """The installed one; else the one of the Debian package, unpacked and not installed: an installed package would run
    a web server of its own from now on."""
    installed = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    unpacked = HOME / "usr" / "sbin" / "nginx"
    if installed is None and not unpacked.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        for command in (["apt-get", "download", "nginx"], ["dpkg-deb", "--extract", "nginx.deb", "."]):
            done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Failure("nginx", f"{' '.join(command)} failed: {done.stderr.strip()}")
            for package in HOME.glob("nginx_*.deb"):
                package.rename(HOME / "nginx.deb")
    return Path(installed) if installed is not None else unpacked


class Nginx(Part):
    def port_names(self) -> list[str]:
        return ["nginx"]

    def port(self) -> int:
        return self.state.port("nginx")

    def where(self) -> str:
        return f"127.0.0.1:{self.port()}"

    @property
    def _home(self) -> Path:
        return self.directory / "nginx"

    def prepare(self) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        # The workers of a server that root started belong to somebody else.
        self._home.chmod(0o755)
        (self._home / "nginx.conf").write_text(CONFIGURATION.format(home=self._home, port=self.port()))

    def launch_plan(self) -> Launch:
        return Launch(
            [str(nginx_program()), "-p", str(self._home), "-c", str(self._home / "nginx.conf")], base_environment()
        )

    def is_ready(self) -> bool:
        return answers_ok(self.port(), "/healthz")
