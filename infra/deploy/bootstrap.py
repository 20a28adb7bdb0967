"""Make `.venv` and install what the lock names; instant when nothing changed.

Run by make with the Python it found: `bootstrap.py run` or `bootstrap.py dev`. Standard library only,
for nothing is installed yet. It does not install system packages; it says which one is missing.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCKS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}
# The development lock holds everything the other one does.
# Who develops waits for what they import, once, and not for every module of every tool.
LATER = {"run": (), "dev": ("--no-compile",)}
SATISFIES = {"run": ("run",), "dev": ("dev", "run")}


class BootstrapError(Exception):
    """The environment could not be made; the message says why and what to do."""


def fingerprint(kind: str) -> str:
    """Name what `kind` installs: the lock, the project file, the interpreter, and where the folder stands.

    The folder counts because a virtual environment that was moved no longer works.
    """
    digest = hashlib.sha256(f"{ROOT}\n{sys.version_info[:2]}\n".encode())
    for name in (LOCKS[kind], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_installed(kind: str) -> bool:
    """Say whether the last finished installation of `kind` is still the wanted one."""
    stamp = VENV / f"installed-{kind}"
    return stamp.is_file() and stamp.read_text() == fingerprint(kind) and is_usable()


def is_usable() -> bool:
    """Say whether `.venv` holds a Python of this version that starts."""
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    asked = "import sys, pip; print(sys.version_info[:2])"
    answer = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == str(sys.version_info[:2])


def make_venv() -> None:
    """Make `.venv` anew, unless a usable one stands there.

    Raises:
        BootstrapError: the Python found cannot make virtual environments.
    """
    if is_usable():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise BootstrapError(
            f"Python {version} cannot make a virtual environment:\n{made.stdout}{made.stderr}\n"
            f"On Debian or Ubuntu: apt-get install python{version}-venv, then run make again."
        )


def install(kind: str) -> None:
    """Install the lock with its hashes, then the project itself, editable, and write the stamps."""
    lock = ROOT / LOCKS[kind]
    total = sum("==" in line for line in lock.read_text().splitlines())
    sys.stdout.write(f"Installing {total} locked packages into .venv (the first time takes a minute or two)\n")
    pip("install", *LATER[kind], "--require-hashes", "--requirement", str(lock), total=total)
    pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT), total=1)
    for satisfied in SATISFIES[kind]:
        (VENV / f"installed-{satisfied}").write_text(fingerprint(satisfied))


def pip(*arguments: str, total: int) -> None:
    """Run pip and show one line of progress.

    Raises:
        BootstrapError: pip failed; the end of what it said is in the message.
    """
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", *arguments]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = show_progress(child.stdout or (), total)
    if child.wait():
        raise BootstrapError(
            "".join(said[-20:]) + "\npip could not install the packages named above. If the network is at fault,"
            " run make again; what was downloaded is kept."
        )


def show_progress(lines: Iterable[str], total: int) -> list[str]:
    """Count pip's lines on one line of the terminal (every 20 packages where it is none); return them all."""
    is_terminal = sys.stdout.isatty()
    said, done = [], 0
    for line in lines:
        said.append(line)
        if line.startswith(("Collecting ", "Requirement already", "Obtaining ")):
            done = min(done + 1, total)
            if is_terminal:
                sys.stdout.write(f"\r  {done}/{total} found\x1b[K")
            elif done % 20 == 0:
                sys.stdout.write(f"  {done}/{total} found\n")
        elif line.startswith("Installing collected"):
            start = "\r" if is_terminal else ""
            sys.stdout.write(f"{start}  {done}/{total} found, unpacking\n")
        sys.stdout.flush()
    return said


def main(kind: str) -> int:
    """Bring `.venv` up to date for `kind`; 0 when it is."""
    if is_installed(kind):
        return 0
    try:
        make_venv()
        install(kind)
    except BootstrapError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
