"""Set up .venv for one of the locked requirement files: base, full or test; and for what lies beside them.

Spark and search by meaning are too large for everybody: they come with `test` when HIGHGROUND_REQUIRE names
them, search also with the verbs that measure it (`set_up.py full search`), and then stay. Where search can't be
had for those verbs, they go on without it.

Called by ./run with whatever python3 the machine has, so this file keeps to the standard library and to
syntax that an old Python still reads. It does nothing while the lock file is the one that was installed. A
set-up that was interrupted leaves a mark behind and is done over at the next call. Everything it says goes to
stderr.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "highground-set-up.json"
UNFINISHED = VENV / "highground-set-up.unfinished"
LOCKS = ["base", "full", "test"]  # each holds everything of those before it
BESIDE = ["spark", "search"]  # locks beside them
OLDEST = (3, 11)
NEWER_NAMES = ["python3.14", "python3.13", "python3.12", "python3.11"]
ADDRESS = "the Python package index could not be reached, or a package does not fit this machine"


class Failed(Exception):
    """The set-up cannot go on; the message says why and how to mend it."""


def say(text):
    """A line for the person who waits."""
    print(f"run: {text}", file=sys.stderr, flush=True)


def attempt(*command):
    """Run a command, its output on stderr; True when it succeeded."""
    try:
        return subprocess.run([str(word) for word in command], stdout=sys.stderr, check=False).returncode == 0
    except OSError:
        return False


def quietly(*command):
    """Run a command without output; True when it succeeded."""
    try:
        return (
            subprocess.run([str(word) for word in command], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def digest(lock):
    """What identifies the content of a lock file."""
    return hashlib.sha256((ROOT / "requirements" / f"{lock}.txt").read_bytes()).hexdigest()


def installed():
    """The lock file that .venv was last set up from, its digest, and the digests of those beside it."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return None, None, {}
    if stamp.get("root") != str(ROOT) or stamp.get("lock") not in LOCKS:
        return None, None, {}
    return stamp["lock"], stamp.get("digest"), {name: stamp[name] for name in BESIDE if name in stamp}


def required(wanted):
    """What the tests are told must be there of what lies beside."""
    told = os.environ.get("HIGHGROUND_REQUIRE", "").split(",") if wanted == "test" else []
    return [name for name in BESIDE if name in told]


def up_to_date(wanted, beside):
    """True when .venv holds at least the locked packages of `wanted` and of those beside it."""
    lock, known, held = installed()
    return (
        lock is not None
        and LOCKS.index(lock) >= LOCKS.index(wanted)
        and known == digest(lock)
        and all(held.get(name) == digest(name) for name in [*required(wanted), *beside])
        and not UNFINISHED.exists()
        and PYTHON.exists()
    )


def new_enough(python):
    """True when an interpreter runs and is not older than Highground allows."""
    return quietly(python, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})")


def find_python():
    """An interpreter for the environment: this one, else a newer one beside it; None when there is none."""
    if sys.version_info >= OLDEST:
        return sys.executable
    return next((found for found in map(shutil.which, NEWER_NAMES) if found and new_enough(found)), None)


def make_environment():
    """Make .venv with what the machine offers: uv, venv, virtualenv, or venv with the machine's own pip."""
    python = find_python()
    uv = shutil.which("uv")
    if uv and attempt(uv, "venv", "--quiet", "--allow-existing", "--python", python or ">=3.11", VENV):
        return
    if python is None:
        raise Failed(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}")
    if quietly(python, "-c", "import venv, ensurepip") and attempt(python, "-m", "venv", VENV):
        return
    if quietly(python, "-m", "virtualenv", "--version") and attempt(
        python, "-m", "virtualenv", "--quiet", VENV
    ):
        return
    virtualenv = shutil.which("virtualenv")
    if virtualenv and attempt(virtualenv, "--quiet", "--python", python, VENV):
        return
    if (
        quietly(python, "-m", "pip", "--version")
        and attempt(python, "-m", "venv", "--without-pip", VENV)
        and attempt(python, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip")
    ):
        return
    raise Failed(
        "this python3 cannot make an environment: it has no ensurepip, and there is no uv or virtualenv.\n"
        "     Debian and Ubuntu: apt-get install python3-venv. Elsewhere: install uv."
    )


def installers():
    """The commands that can install into .venv, best first. Fetches uv into .venv when there is none."""
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    has_pip = quietly(PYTHON, "-m", "pip", "--version")
    uv = shutil.which("uv")
    if uv is None and not (VENV / "bin" / "uv").exists() and has_pip:
        attempt(*pip, "--require-hashes", "-r", ROOT / "requirements" / "uv.txt")
    if uv is None and (VENV / "bin" / "uv").exists():
        uv = VENV / "bin" / "uv"
    found = []
    if uv:
        found.append([uv, "pip", "install", "--quiet", "--python", PYTHON])
    if has_pip:
        found.append(pip)
    return found


def install(locks):
    """Install lock files and the checkout itself."""
    for installer in installers():
        if all(install_lock(installer, lock) for lock in locks) and attempt(
            *installer, "--no-deps", "--no-build-isolation", "--editable", ROOT
        ):
            return
        say(f"{Path(installer[0]).name} could not install the packages")
    raise Failed(
        ADDRESS + " (what the installer said is above); run the same command again once that is mended"
    )


def install_lock(installer, lock):
    """Install one lock file; True when that succeeded."""
    return attempt(*installer, "--require-hashes", "-r", ROOT / "requirements" / f"{lock}.txt")


def set_up(wanted, beside):
    """Bring .venv to the lock file `wanted`, or the larger one that it had; what was beside it stays if it can."""
    before, _, held = installed()
    lock = wanted if before is None else max(wanted, before, key=LOCKS.index)
    locks = [lock, *required(wanted)]
    wished = [name for name in BESIDE if (name in held or name in beside) and name not in locks]
    if VENV.exists() and (UNFINISHED.exists() or not new_enough(PYTHON) or _moved()):
        say("doing over an environment that was left unfinished or no longer fits")
        shutil.rmtree(VENV)
    say(f"setting up .venv ({' and '.join(locks + wished)}); the first time this takes a minute or so")
    fresh = not VENV.exists()
    VENV.mkdir(exist_ok=True)
    UNFINISHED.touch()
    STAMP.unlink(missing_ok=True)
    if fresh:
        make_environment()
    install(locks)
    for name in wished:
        if any(install_lock(installer, name) for installer in installers()):
            locks.append(name)
        else:
            say(f"going on without {name}: {ADDRESS} (what the installer said is above)")
    draft = STAMP.with_suffix(".new")
    stamp = {"lock": lock, "digest": digest(lock), "root": str(ROOT)}
    stamp.update({name: digest(name) for name in locks[1:]})
    draft.write_text(json.dumps(stamp))
    draft.replace(STAMP)
    UNFINISHED.unlink()


def _moved():
    """True when the checkout was copied or moved with its environment, whose scripts name the old place."""
    try:
        return json.loads(STAMP.read_text()).get("root") != str(ROOT)
    except (OSError, ValueError):
        return False


def main(wanted, *beside):
    """Set up unless that is done; one process at a time."""
    if up_to_date(wanted, beside):
        return 0
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if up_to_date(wanted, beside):
            return 0
        try:
            set_up(wanted, beside)
        except Failed as problem:
            say(str(problem))
            return 1
        except KeyboardInterrupt:
            say("interrupted; the next call sets up anew")
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
