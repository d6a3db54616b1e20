"""What `./run test` does: pytest, on both databases when no tests are named, without a network on request."""

import os
import shutil
import subprocess
import sys

PYTEST = [sys.executable, "-m", "pytest"]
LOOPBACK = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def offline() -> list[str]:
    """The command that removes the network but for loopback and then runs what follows it.

    Ends the program with the reason where the machine does not allow that.
    """
    missing = [name for name in ("unshare", "ip") if shutil.which(name) is None]
    if missing:
        sys.exit(
            f"test: --offline needs {' and '.join(missing)} (Debian: apt-get install util-linux iproute2)"
        )
    unshare = ["unshare", "--net"]
    if os.geteuid() != 0:
        unshare += ["--user", "--map-current-user", "--keep-caps"]
    probe = subprocess.run([*unshare, *LOOPBACK, "true"], capture_output=True, text=True)
    if probe.returncode:
        sys.exit(f"test: this machine does not let --offline remove the network: {probe.stderr.strip()}")
    print("The network is removed for these tests; only loopback is left.", flush=True)
    return [*unshare, *LOOPBACK]


def main(arguments: list[str]) -> None:
    """Replace this process by pytest."""
    prefix = offline() if "--offline" in arguments else []
    rest = [word for word in arguments if word != "--offline"]
    command = [*prefix, *PYTEST, *(rest or ["--database=both"])]
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
