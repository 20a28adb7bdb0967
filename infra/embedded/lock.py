"""One living process per folder, by a lock that the kernel lets go of when its holder dies."""

import fcntl
import os
from pathlib import Path

from infra.embedded.errors import FolderInUse


class FolderLock:
    """An flock on a file of the folder. A file left behind by a dead process is no lock."""

    def __init__(self, folder: Path, name: str = "lock") -> None:
        self.folder = folder
        self.path = folder / name
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock, or raise FolderInUse with the holder's process id; again is harmless."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise FolderInUse(
                f"{self.folder} is in use by process {holder}. "
                "Stop that process, or choose another folder with HOTLINE_STATE_DIR."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; the file stays, since removing it would let two processes hold two locks."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
