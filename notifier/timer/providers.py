"""The providers as this process knows them: who is left alone for the moment, told to people and to /metrics."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Counter, Gauge

from infra.breaker import Breaker

_open = Gauge("notifier_provider_open", "1 while a provider fails and is left alone but for probes.", ["provider"])
_failures = Counter("notifier_provider_failures_total", "Requests that a provider did not take.", ["provider"])


class Providers:
    """A breaker for each provider, and for each system that is told of its reports: that is no trouble at once."""

    def __init__(self, names: Iterable[str]) -> None:
        self._breakers = {name: Breaker(name) for name in names}
        self._told = frozenset(self._breakers)
        for name in self._breakers:
            _open.labels(name).set(0)

    def of(self, name: str) -> Breaker:
        """The breaker of a provider."""
        return self._breakers.setdefault(name, Breaker(name))

    def succeeded(self, name: str) -> bool:
        """It answered; whether it was left alone until now."""
        was_open = self.of(name).is_open
        self.of(name).succeeded()
        _open.labels(name).set(0)
        return was_open

    def failed(self, name: str, now: datetime, recipient: str, for_good: bool = False) -> None:
        """It did not, or said that it failed."""
        self.of(name).failed(now, recipient, for_good)
        _failures.labels(name).inc()
        _open.labels(name).set(int(self._breakers[name].is_open))

    def trouble(self, now: datetime) -> str | None:
        """A sentence while one of them is left alone."""
        for each in self._breakers.values():
            each.forget(now)
            _open.labels(each.name).set(int(each.is_open))
        said = [
            f"{each.name} has failed for {(now - each.opened_at).total_seconds():.0f} s"
            for each in self._breakers.values()
            if each.opened_at is not None and each.name in self._told
        ]
        return f"{', '.join(said)}: what it should send goes by other ways where there are any" if said else None
