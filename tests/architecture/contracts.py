"""An import-linter contract the tool lacks: these modules may import this and nothing else.

A list of what is allowed stays true when a new library arrives; a list of what is forbidden does not.
"""

import sys
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

# Standard modules that read a clock, the environment, chance, files, the network or other processes.
# Not uuid: it is needed as a type, and ruff bans drawing one.
# fmt: off
IMPURE = frozenset({
    "asyncio", "concurrent", "ctypes", "fcntl", "ftplib", "getpass", "glob", "http", "imaplib",
    "importlib", "logging", "mmap", "multiprocessing", "os", "pathlib", "pickle", "platform", "poplib",
    "pwd", "queue", "random", "resource", "runpy", "sched", "secrets", "select", "selectors", "shelve",
    "shutil", "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys",
    "syslog", "tempfile", "threading", "time", "urllib", "webbrowser",
})
# fmt: on
PURE_STDLIB = frozenset(sys.stdlib_module_names) - IMPURE


class OnlyContract(Contract):
    """`modules`, with what lies below them, import themselves and `may_import`; `pure_stdlib` names PURE_STDLIB.

    A module that does not exist is passed over. Only direct imports count: what is allowed may import what it likes.
    """

    type_name = "only"

    modules = fields.ListField(subfield=fields.StringField())
    may_import = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every import of `modules` that is not allowed."""
        strangers = [
            (importer, imported, details["line_number"])
            for package in cast(list[str], self.modules)
            for importer in sorted(graph.modules)
            if is_below(importer, package)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not self._is_allowed(imported, package)
            for details in graph.get_import_details(importer=importer, imported=imported)
        ]
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that is not allowed, with its line."""
        for importer, imported, line in check.metadata["strangers"]:
            output.print_error(f"{importer} -> {imported} (l.{line}) is not allowed", bold=False)

    def _is_allowed(self, imported: str, package: str) -> bool:
        allowed = cast(list[str], self.may_import)
        if "pure_stdlib" in allowed and imported.partition(".")[0] in PURE_STDLIB:
            return True
        return any(is_below(imported, name) for name in (package, *allowed))


def is_below(module: str, package: str) -> bool:
    """Say whether `module` is `package` or lies inside it."""
    return module == package or module.startswith(f"{package}.")
