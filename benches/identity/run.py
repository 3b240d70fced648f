"""onefold and Splink on one file: the same blocking rules, the same comparisons, two threads, file to clusters on disk.

    cargo build --release
    onefold generate --customers 100000 --output DATA_FOLDER
    python3 -m venv /tmp/identity && /tmp/identity/bin/pip install splink duckdb
    /tmp/identity/bin/python benches/identity/run.py DATA_FOLDER [--rounds 3] [--threads 2] [--more dates,wide]

--more adds blocking rules: `dates` is the date of birth alone, `wide` is name and city, `loose` is city and year of birth.
The people of the CRM, the shop and the loyalty club become one csv file. Both programs train their model and score; the best round
of each counts. The number of pairs that onefold scored must be the number of pairs that the rules bring, counted by DuckDB.
"""

import argparse
import json
import pathlib
import sys

import duckdb
from common import HERE, MORE_RULES, RULES, TARGET, count_pairs, fresh_project, measured, named, write_people


def quality(clusters, record, cluster, truth):
    duckdb.sql(f"create or replace table found as select c.{record} as record_id, c.{cluster} as cluster, t.person_id from read_parquet('{clusters}') as c join read_csv('{truth}') as t on t.record_id = c.{record}")
    pairs = lambda by: duckdb.sql(f"select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*) as n from found group by {by})").fetchall()[0][0]
    joined, true, correct = pairs("cluster"), pairs("person_id"), pairs("cluster, person_id")
    return float(correct) / max(float(joined), 1), float(correct) / max(float(true), 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--more", default="")
    parser.add_argument("--target", type=pathlib.Path, default=TARGET)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    source = write_people(folder)
    more = named(arguments.more)
    rules = RULES + [MORE_RULES[name] for name in more]
    records, pairs = count_pairs(rules)
    project = folder / "project"
    best = {}
    for _ in range(arguments.rounds):
        # A fresh project each time: nothing is cached, and the model is trained anew.
        fresh_project(project, source, more)
        onefold = [str(arguments.target / "release/onefold"), "run", str(project / "pipelines/people.toml"), "--quiet", "--threads", str(arguments.threads)]
        splink = [sys.executable, str(HERE / "splink_job.py"), str(source), str(folder / "splink.parquet"), str(arguments.threads), *rules]
        for name, command in (("onefold", onefold), ("Splink", splink)):
            found = measured(command)
            best[name] = min(best.get(name, found), found)
    run = max((project / "warehouse/runs").iterdir())
    identity = json.loads((run / "run.json").read_text())["identity"]
    print(f"{records} records; {pairs} pairs by the rules, {identity['compared_pairs']} scored by onefold")
    if identity["compared_pairs"] != pairs:
        sys.exit("the numbers of pairs disagree")
    print("\n| program | seconds | processor seconds | memory, MiB | pairwise precision | recall |\n|---|---|---|---|---|---|")
    clusters = {"onefold": (project / "warehouse/current/identity/customer_records.parquet", "record_id", "customer_id"), "Splink": (folder / "splink.parquet", "record_id", "cluster_id")}
    for name, (wall, processor, memory) in best.items():
        precision, recall = quality(*clusters[name], folder / "truth.csv")
        print(f"| {name} | {wall:.1f} | {processor:.1f} | {memory:.0f} | {precision:.4f} | {recall:.4f} |")
    print(f"\nonefold takes {best['onefold'][0] / best['Splink'][0]:.2f} of Splink's time and {best['onefold'][2] / best['Splink'][2]:.2f} of its memory")


main()
