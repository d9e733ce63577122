"""What MicroVMs cost per unit: by region and architecture, each rate with its source, date and confidence.

Prices of the Price List go before the table that is shipped (`rates.toml`); a rate that neither has is
missing, and what needs it stays unpriced.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any

EXACT = "exact"
DERIVED = "derived"
MISSING = "missing"

ARM64 = "arm64"
X86_64 = "x86_64"
ARCHITECTURES = (ARM64, X86_64)

SHIPPED = "shipped table"
PRICE_LIST = "AWS Price List"
# After this a table may be wrong: AWS has changed prices of this service within months.
OLD_AFTER = timedelta(days=90)

VCPU_SECOND = "vcpu_second"
GB_SECOND = "gb_second"
SNAPSHOT_READ_GB = "snapshot_read_gb"
SNAPSHOT_WRITE_GB = "snapshot_write_gb"
SNAPSHOT_STORAGE_GB_HOUR = "snapshot_storage_gb_hour"
NAMES = (VCPU_SECOND, GB_SECOND, SNAPSHOT_READ_GB, SNAPSHOT_WRITE_GB, SNAPSHOT_STORAGE_GB_HOUR)

# The Price List's `group` of each rate (microvms-agentd, 2026). Usage types have a prefix by region, so
# they cannot be joined on. Compute differs by architecture: x86 is the group without the suffix.
GROUP_PREFIX = "AWS-Lambda-MicroVM-"
_GROUPS = {
    VCPU_SECOND: "vCPU-Second",
    GB_SECOND: "Memory-GB-Second",
    SNAPSHOT_READ_GB: "Snapshot-Read-GB",
    SNAPSHOT_WRITE_GB: "Snapshot-Write-GB",
    SNAPSHOT_STORAGE_GB_HOUR: "Snapshot-Storage-GB-Hour",
}
_COMPUTE = (VCPU_SECOND, GB_SECOND)
# The service's words for architectures, and people's.
_ARCHITECTURES = {
    "arm": ARM64,
    "arm64": ARM64,
    "arm_64": ARM64,
    "aarch64": ARM64,
    "graviton": ARM64,
    "x86": X86_64,
    "x86_64": X86_64,
    "amd64": X86_64,
    "intel": X86_64,
}


@dataclass(frozen=True, slots=True)
class Rate:
    """USD for one unit; None if it is missing. `source` is a phrase that says where it comes from."""

    usd: Decimal | None
    confidence: str
    source: str
    date: str

    @property
    def reason(self) -> str:
        """Why it is missing, as a sentence."""
        return f"No rate is known: {self.source}."


@dataclass(frozen=True, slots=True)
class Rates:
    """The five rates that hold in a region for an architecture. vCPU and GB per second, storage per hour."""

    region: str
    arch: str
    vcpu_second: Rate
    gb_second: Rate
    snapshot_read_gb: Rate
    snapshot_write_gb: Rate
    snapshot_storage_gb_hour: Rate
    as_of: date
    source: str

    def by_name(self) -> dict[str, Rate]:
        """Name of the rate → rate, in the order of `NAMES`."""
        return {name: getattr(self, name) for name in NAMES}

    @property
    def oldest(self) -> date:
        """The day of the oldest rate in use: what the Price List lacks may be of a table that is older."""
        if self.source != PRICE_LIST:
            return self.as_of
        known = [rate.date for rate in self.by_name().values() if rate.usd is not None]
        return min((date.fromisoformat(day) for day in known), default=self.as_of)

    def is_old(self, today: date) -> bool:
        """Whether a rate may be out of date: more than 90 days."""
        return today - self.oldest > OLD_AFTER


def architecture(word: str) -> str:
    """``arm64`` or ``x86_64`` for the service's and people's words; any other word as it is."""
    return _ARCHITECTURES.get(word.casefold(), word)


def group(name: str, arch: str) -> str:
    """The Price List's group of a rate."""
    suffix = "-ARM" if name in _COMPUTE and arch == ARM64 else ""
    return f"{GROUP_PREFIX}{_GROUPS[name]}{suffix}"


def groups() -> tuple[str, ...]:
    """All groups of the Price List that hold a rate of ours."""
    return tuple(dict.fromkeys(group(name, arch) for arch in ARCHITECTURES for name in NAMES))


def regions() -> tuple[str, ...]:
    """The regions of the shipped table."""
    return tuple(_table()["regions"])


def shipped(region: str, arch: str = ARM64) -> Rates:
    """The rates of the table we ship; those of a region or architecture that it lacks are missing."""
    table = _table()
    of_region: Mapping[str, Any] = table["regions"].get(region, {})
    of_arch: Mapping[str, Any] = of_region.get(arch, {}) if arch in ARCHITECTURES else {}
    as_of = date.fromisoformat(table["as_of"])
    found = {
        name: _shipped_rate(table["sources"], (of_arch if name in _COMPUTE else of_region).get(name), as_of)
        for name in NAMES
    }
    return Rates(region, arch, **found, as_of=as_of, source=SHIPPED)


def with_prices(base: Rates, prices: Mapping[str, str], as_of: date) -> Rates:
    """`base` with the Price List's prices laid over it.

    `prices` is group → USD as text; a group that is absent or holds no price leaves the rate of `base`.
    `as_of` is the day on which the list was read.
    """
    found: dict[str, Rate] = {}
    for name, rate in base.by_name().items():
        usd = price(prices.get(group(name, base.arch), ""))
        listed = Rate(usd, EXACT, f"the {PRICE_LIST}", as_of.isoformat())
        found[name] = rate if usd is None else listed
    if all(found[name] is rate for name, rate in base.by_name().items()):
        return base
    return Rates(base.region, base.arch, **found, as_of=as_of, source=PRICE_LIST)


def price(text: str) -> Decimal | None:
    """A price as the Price List writes it; None for what is no finite number from 0 on."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "rates.toml").read_text("utf-8"))


def _shipped_rate(sources: Mapping[str, str], entry: Mapping[str, str] | None, as_of: date) -> Rate:
    if entry is None:
        return Rate(None, MISSING, "the table has none for this region and architecture", as_of.isoformat())
    usd = price(entry["usd"]) if "usd" in entry else None
    return Rate(usd, entry["confidence"], sources[entry["source"]], entry["date"])
