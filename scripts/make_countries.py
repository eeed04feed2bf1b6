#!/usr/bin/env python3
"""Makes scenarios/data/countries.csv, the country panel that ships with Greenfront.

    scripts/make_countries.py SOURCE.csv [OUTPUT.csv]

SOURCE.csv is the balanced country panel 2010-2019 described in scenarios/data/SOURCES.md. Columns whose
licence does not allow everyone to pass them on are left out, and so is Venezuela, whose national accounts
cannot be used. Every number is copied as text, so that nothing is rounded on the way.
"""

import csv
import sys
from pathlib import Path

COLUMNS = [
    "iso3", "country", "region", "year",
    "capital", "labour", "energy", "gdp", "co2", "population", "human_capital",
    "urban_share", "industry_share", "services_share", "trade_share", "fdi_share",
    "gov_share", "gov_share_pwt", "gfcf_share", "internet_users", "mobile_subs",
]
LEFT_OUT_COLUMNS = {"pm25", "rd_share"}  # non-commercial; share-alike
LEFT_OUT_COUNTRIES = {"VEN"}
COUNTRIES, FIRST_YEAR, LAST_YEAR = 166, 2010, 2019


def read(source):
    with open(source, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        unknown = set(reader.fieldnames) - set(COLUMNS) - LEFT_OUT_COLUMNS
        absent = set(COLUMNS) - set(reader.fieldnames)
        if unknown or absent:
            sys.exit(f"{source}: unexpected columns {sorted(unknown)}, missing columns {sorted(absent)}")
        return [row for row in reader if row["iso3"] not in LEFT_OUT_COUNTRIES]


def check(rows):
    """The promises that studies rely on: balanced, unique, frontier variables complete and positive."""
    countries = {row["iso3"] for row in rows}
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    keys = {(row["iso3"], int(row["year"])) for row in rows}
    if len(countries) != COUNTRIES or len(keys) != len(rows):
        sys.exit(f"expected {COUNTRIES} countries and unique rows, found {len(countries)} and {len(rows)} rows "
                 f"with {len(keys)} different keys")
    if keys != {(country, year) for country in countries for year in years}:
        sys.exit("the panel is not balanced")
    for row in rows:
        for column in ("capital", "labour", "energy", "gdp", "co2", "population"):
            if not float(row[column]) > 0:
                sys.exit(f"{row['iso3']} {row['year']}: {column} = {row[column]!r} is not positive")


def write(rows, output):
    rows.sort(key=lambda row: (row["iso3"], int(row["year"])))
    with open(output, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    default = Path(__file__).resolve().parent.parent / "scenarios" / "data" / "countries.csv"
    output = Path(sys.argv[2]) if len(sys.argv) == 3 else default
    rows = read(sys.argv[1])
    check(rows)
    write(rows, output)
    print(f"{output}: {len(rows)} rows")


if __name__ == "__main__":
    main()
