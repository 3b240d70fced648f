"""A night of changes beside the same night in full: 1 % of the records are new, gone or changed.

    cargo build --release
    onefold generate --customers 1000000 --output DATA_FOLDER
    python3 -m venv /tmp/identity && /tmp/identity/bin/pip install duckdb
    /tmp/identity/bin/python benches/identity/nights.py DATA_FOLDER [--more dates,wide,loose] [--rounds 2] [--threads 2]

--more adds blocking rules: `dates` is the date of birth alone, `wide` is name and city, `loose` is city and year of birth. The first night trains the model. Then the second
is run from the same first one twice: with the pairs that the first kept, and with all of them compared anew. Both must publish
the same customers. Seconds are those of identity, and of the whole process, from the file to the published tables.
"""

import argparse
import json
import pathlib
import shutil
import sys

import duckdb
from common import TARGET, fresh_project, measured, named, write_people

CHANGED = """
    with numbered as (select *, hash(record_id) % 1000 as number from people)
    select record_id, name, case when number < 5 then '139' || right('0000000' || hash(record_id, 1) % 100000000, 8) else phone end as phone, email, birth_date, city
    from numbered where number not in (5, 6)
    union all
    select 'new:' || record_id, name, null, email, birth_date, city from numbered where number in (7, 8, 9)
    order by record_id
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--more", default="")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--target", type=pathlib.Path, default=TARGET)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    source = write_people(folder)
    changed = folder / "changed.csv"
    duckdb.sql(f"copy ({CHANGED}) to '{changed}' (header)")
    first = folder / "first_night"
    fresh_project(first, source, named(arguments.more))

    def night(project, *options):
        command = [str(arguments.target / "release/onefold"), "run", str(project / "pipelines/people.toml"), "--quiet", "--threads", str(arguments.threads), *options]
        wall, _, memory = measured(command)
        run = json.loads((max((project / "warehouse/runs").iterdir()) / "run.json").read_text())
        seconds = next(stage["seconds"] for stage in run["stages"] if stage["table"] == "identity")
        customers = project / "warehouse/current/identity/customer_records.parquet"
        return (seconds, wall, memory, run["identity"]["compared_pairs"]), customers.read_bytes()

    trained, _ = night(first)
    shutil.copy(changed, first / "exports/people.csv")
    best = {}
    published = {}
    for _ in range(arguments.rounds):
        for name, options in (("in full", ["--force"]), ("changes", [])):
            project = folder / "second_night"
            shutil.rmtree(project, ignore_errors=True)
            shutil.copytree(first, project, symlinks=True)
            found, published[name] = night(project, "--as-of", "2026-07-02", *options)
            best[name] = min(best.get(name, found), found)
    if published["in full"] != published["changes"]:
        sys.exit("the two nights do not agree")
    print("| night | identity, seconds | whole, seconds | memory, MiB | pairs compared |\n|---|---|---|---|---|")
    for name, (seconds, wall, memory, pairs) in {"the first, trained": trained, "the second, in full": best["in full"], "the second, changes alone": best["changes"]}.items():
        print(f"| {name} | {seconds:.2f} | {wall:.1f} | {memory:.0f} | {pairs:,} |")
    print(f"\nchanges alone take {best['changes'][0] / best['in full'][0]:.2f} of the full night's identity, {best['changes'][1] / best['in full'][1]:.2f} of the whole")


main()
