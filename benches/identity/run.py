"""onefold and Splink on one file: the same blocking rules, the same comparisons, two threads, file to clusters on disk.

    cargo build --release
    onefold generate --customers 100000 --output DATA_FOLDER
    python3 -m venv /tmp/identity && /tmp/identity/bin/pip install splink duckdb
    /tmp/identity/bin/python benches/identity/run.py DATA_FOLDER [--rounds 3] [--threads 2] [--wide]

--wide adds a fifth blocking rule, name and city, which brings ten times the pairs.
The people of the CRM, the shop and the loyalty club become one csv file. Both programs train their model and score; the best round
of each counts. The number of pairs that onefold scored must be the number of pairs that the rules bring, counted by DuckDB.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


WIDE = """[[identity.blocking]]
name = "name_and_city"
condition = "l.name = r.name and l.city = r.city"
max_block = 100000

"""


def people(folder, is_wide):
    """Writes people.csv and truth.csv: the same columns of three systems."""
    target = folder / "people.csv"
    exports = folder / "exports"
    crm = folder / "crm.utf8.csv"
    crm.write_text((exports / "crm/customers.csv").read_bytes().decode("gb18030"))
    digits = lambda column: f"nullif(right(regexp_replace({column}, '[^0-9]', '', 'g'), 11), '')"
    duckdb.sql(f"""
        create or replace table people as
        select 'crm:' || "客户编号" as record_id, "姓名" as name, {digits('"手机号码"')} as phone, lower("电子邮箱") as email, "出生日期" as birth_date, "城市" as city
        from read_csv('{crm}', header = true, all_varchar = true, ignore_errors = true, strict_mode = false)
        union all
        select 'shop:' || account_id, real_name, {digits('mobile')}, lower(email), birthday, city
        from read_csv('{exports}/shop/accounts.csv', header = true, all_varchar = true, ignore_errors = true, strict_mode = false)
        union all
        select 'loyalty:' || member_no, name, {digits('mobile')}, null, birthday, city
        from read_csv('{exports}/loyalty/members.csv', header = true, all_varchar = true, ignore_errors = true, strict_mode = false)
    """)
    duckdb.sql("create or replace table people as select distinct on (record_id) * from people where record_id is not null")
    duckdb.sql(f"copy (select * from people order by record_id) to '{target}' (header)")
    duckdb.sql(f"copy (select t.source || ':' || t.source_key as record_id, t.person_id from '{folder}/truth/records.parquet' as t) to '{folder}/truth.csv' (header)")
    rules = ["l.phone = r.phone", "l.email = r.email", "l.name = r.name and l.birth_date = r.birth_date", "l.birth_date = r.birth_date and l.city = r.city"]
    rules += ["l.name = r.name and l.city = r.city"] * is_wide
    pairs = " union ".join(f"select l.record_id as a, r.record_id as b from people as l join people as r on {rule} and l.record_id < r.record_id" for rule in rules)
    return target, duckdb.sql("select count(*) from people").fetchall()[0][0], duckdb.sql(f"select count(*) from ({pairs})").fetchall()[0][0]


# Runs a command from a small process of its own: a child starts with the memory of its parent on its account.
RUNNER = """
import json, resource, subprocess, sys, time
started = time.perf_counter()
done = subprocess.run(sys.argv[1:], capture_output=True)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.buffer.write(done.stderr)
print(json.dumps([time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
sys.exit(done.returncode)
"""


def measured(command):
    # Writes of what ran before are not waited for in here.
    os.sync()
    done = subprocess.run([sys.executable, "-c", RUNNER, *command], capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr.decode()}")
    return tuple(json.loads(done.stdout))


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
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--target", type=pathlib.Path, default=pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")))
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    source, records, pairs = people(folder, arguments.wide)
    project = folder / "project"
    best = {}
    for _ in range(arguments.rounds):
        # A fresh project each time: nothing is cached, and the model is trained anew.
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(HERE / "people", project)
        (project / "exports").mkdir()
        if arguments.wide:
            book = project / "pipelines/people.toml"
            book.write_text(book.read_text().replace("[[identity.comparison]]", WIDE + "[[identity.comparison]]", 1))
        shutil.copy(source, project / "exports/people.csv")
        onefold = [str(arguments.target / "release/onefold"), "run", str(project / "pipelines/people.toml"), "--quiet", "--threads", str(arguments.threads)]
        splink = [sys.executable, str(HERE / "splink_job.py"), str(source), str(folder / "splink.parquet"), str(arguments.threads), *["wide"] * arguments.wide]
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
