import os
import pwd

import pytest

from infra.audit import operator


def test_an_operator_is_told_by_account() -> None:
    assert operator() == f"operator:{pwd.getpwuid(os.getuid()).pw_name}"


def test_an_account_without_a_name_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.audit.os.getuid", lambda: 4294967000)
    assert operator() == "operator:4294967000"
