#!/usr/bin/env python3
"""Writes libs/telephony/number_time_zones_data.inc; README.md says how, and from what.

Needs PyPI's `phonenumbers`, and the tzdata of the machine.
"""

from __future__ import annotations

import random
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberType, timezone
from phonenumbers.tzdata import TIMEZONE_DATA

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "libs" / "telephony" / "number_time_zones_data.inc"
ZONEINFO = Path("/usr/share/zoneinfo")
UNKNOWN = "Etc/Unknown"
AREA_CODE_DIGITS = 4  # of the North American plan, with the 1
KIND_DIGITS = 4  # of a national number, which tell whether it is that of a place
SAMPLES = 12  # of each length that a number of such digits can have

Zones = frozenset[str]


def names_in_use() -> dict[str, str]:
    """By every name that stands for another one, the one that IANA's zone.tab uses."""
    used = {
        line.split("\t")[2].strip()
        for line in (ZONEINFO / "zone.tab").read_text().splitlines()
        if not line.startswith("#")
    }
    links = [line.split()[1:3] for line in (ZONEINFO / "tzdata.zi").read_text().splitlines() if line.startswith("L ")]
    return {alias: target for target, alias in links if alias not in used and target in used}


def zones_by_prefix() -> dict[str, Zones]:
    names = names_in_use()
    told: dict[str, set[str]] = {}
    for prefix, zones in TIMEZONE_DATA.items():
        known = {names.get(zone, zone) for zone in zones if zone != UNKNOWN}
        if prefix.startswith("1"):
            prefix = prefix[:AREA_CODE_DIGITS]
        told.setdefault(prefix, set()).update(known)
    for prefix, zones in told.items():
        for length in range(1, len(prefix)):
            if prefix[:length] in told:
                told[prefix[:length]] |= zones
    table = without_repetitions({prefix: frozenset(zones) for prefix, zones in told.items()})
    table.update(zones_away_from_home(table))
    return folded(table)


def zones_away_from_home(table: dict[str, Zones]) -> dict[str, Zones]:
    """Of prefixes whose numbers are not all those of a place: all zones of the country."""
    away: dict[str, Zones] = {}
    for country in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE):
        everywhere = table.get(str(country), frozenset())
        if country == 1 or len(everywhere) < 2:
            continue
        for digits in range(10**KIND_DIGITS):
            prefix = f"{country}{digits:0{KIND_DIGITS}}"
            longer = [known for known in table if known.startswith(prefix)]
            narrow = nearest(table, prefix) != everywhere or longer
            if not narrow:
                continue
            at_home = [phonenumbers.is_number_geographical(number) for number in samples(country, prefix)]
            if not at_home or not all(at_home):
                away.update({known: everywhere for known in (prefix, *longer)})
    return away


def samples(country: int, prefix: str) -> Iterator[phonenumbers.PhoneNumber]:
    """Numbers of every length that a number of that country can have; `prefix` begins with the country."""
    chance = random.Random(prefix)
    lengths: set[int] = set()
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[country]:
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if metadata is not None:
            lengths.update(metadata.general_desc.possible_length)
    given = prefix.removeprefix(str(country))
    for length in sorted(lengths):
        for _ in range(SAMPLES):
            more = "".join(chance.choice("0123456789") for _ in range(length - len(given)))
            number = phonenumbers.PhoneNumber(
                country_code=country, national_number=int(given + more), italian_leading_zero=given.startswith("0")
            )
            if phonenumbers.is_valid_number(number):
                yield number


def nearest(told: dict[str, Zones], digits: str) -> Zones:
    for length in range(len(digits), 0, -1):
        if digits[:length] in told:
            return told[digits[:length]]
    return frozenset()


def folded(told: dict[str, Zones]) -> dict[str, Zones]:
    """The same with fewer prefixes: what most of ten prefixes say is said by the one above them."""
    table = dict(told)
    for length in range(max(map(len, table)) - 1, 0, -1):
        for parent in sorted({prefix[:length] for prefix in table if len(prefix) > length}):
            children = {f"{parent}{digit}": nearest(table, f"{parent}{digit}") for digit in range(10)}
            most, _ = Counter(children.values()).most_common(1)[0]
            if most:
                table[parent] = most
                table.update(children)
    return without_repetitions(table)


def without_repetitions(told: dict[str, Zones]) -> dict[str, Zones]:
    """Drops prefixes that say the same as the next shorter one."""
    return {prefix: zones for prefix, zones in told.items() if zones != nearest(told, prefix[:-1])}


def check(told: dict[str, Zones]) -> None:
    names = names_in_use()
    kinds = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]
    regions: Iterable[str] = sorted(phonenumbers.SUPPORTED_REGIONS)
    checked = 0
    for region in regions:
        for kind in kinds:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None or (number.country_code == 1 and number.national_number < 10**9):
                continue
            # Of pagers and the like libphonenumber tells all zones of the North American plan, though an area code tells more.
            plan = number.country_code == 1
            tell = timezone.time_zones_for_geographical_number if plan else timezone.time_zones_for_number
            theirs = {names.get(zone, zone) for zone in tell(number) if zone != UNKNOWN}
            digits = f"{number.country_code}{phonenumbers.national_significant_number(number)}"
            missing = theirs - nearest(told, digits)
            if missing:
                raise SystemExit(f"+{digits} ({region}) can be in {sorted(missing)}, which the table does not tell")
            checked += 1
    missing_files = [zone for zones in told.values() for zone in zones if not (ZONEINFO / zone).exists()]
    if missing_files:
        raise SystemExit(f"tzdata has no {missing_files}")
    print(f"{checked} numbers checked")


def wrapped(pieces: Iterable[str]) -> str:
    return textwrap.fill(" ".join(pieces), width=120, break_on_hyphens=False, break_long_words=False)


def written(told: dict[str, Zones]) -> str:
    zones = sorted({zone for known in told.values() for zone in known})
    sets = sorted({tuple(sorted(known)) for known in told.values()})
    place = {zone: index for index, zone in enumerate(zones)}
    members, bounds = [], []
    for known in sets:
        bounds.append(f"{{{len(members)},{len(known)}}},")
        members.extend(f"{place[zone]}," for zone in known)
    number = {known: index for index, known in enumerate(sets)}
    prefixes = [
        f"{{{prefix},{number[tuple(sorted(known))]}}},"
        for prefix, known in sorted(told.items(), key=lambda entry: int(entry[0]))
    ]
    return "\n".join([
        f"// Made by tools/number-time-zones from phonenumbers {phonenumbers.__version__} (libphonenumber, Apache 2.0).",
        f"constexpr std::string_view kZones[] = {{  // {len(zones)}",
        wrapped(f'"{zone}",' for zone in zones),
        "};",
        f"constexpr uint16_t kMembers[] = {{  // of sets: {len(members)}",
        wrapped(members),
        "};",
        f"constexpr ZoneSet kSets[] = {{  // {len(sets)}",
        wrapped(bounds),
        "};",
        f"constexpr ZonePrefix kPrefixes[] = {{  // {len(prefixes)}",
        wrapped(prefixes),
        "};",
        "",
    ])


def main() -> None:
    told = zones_by_prefix()
    check(told)
    OUTPUT.write_text(written(told))
    print(f"{OUTPUT.relative_to(ROOT)}: {len(told)} prefixes")


if __name__ == "__main__":
    main()
