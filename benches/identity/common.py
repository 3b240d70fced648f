"""The people of three systems in one file, and what the benchmarks of identity do with it."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# The blocking rules of the rule book, and more that may be added: each of these brings several times the pairs of what is before it.
RULES = ["l.phone = r.phone", "l.email = r.email", "l.name = r.name and l.birth_date = r.birth_date", "l.birth_date = r.birth_date and l.city = r.city"]
MORE_RULES = {
    "dates": "l.birth_date = r.birth_date",
    "wide": "l.name = r.name and l.city = r.city",
    "loose": "l.city = r.city and substr(l.birth_date, 1, 4) = substr(r.birth_date, 1, 4)",
}


def write_people(folder):
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
    return target


def named(more):
    """The names of rules that are added, from what was typed: `dates,wide`."""
    names = [name for name in more.split(",") if name]
    for name in names:
        if name not in MORE_RULES:
            sys.exit(f"there is no rule {name}: --more knows {', '.join(MORE_RULES)}")
    return names


def count_pairs(rules):
    """How many records there are, and how many pairs some rules bring."""
    pairs = " union ".join(f"select l.record_id as a, r.record_id as b from people as l join people as r on {rule} and l.record_id < r.record_id" for rule in rules)
    return duckdb.sql("select count(*) from people").fetchall()[0][0], duckdb.sql(f"select count(*) from ({pairs})").fetchall()[0][0]


def fresh_project(folder, source, more_rules):
    """A project without a night and without a model, whose export is a copy of the file."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "people", folder)
    (folder / "exports").mkdir()
    shutil.copy(source, folder / "exports/people.csv")
    book = folder / "pipelines/people.toml"
    text = book.read_text()
    for name in more_rules:
        rule = f'[[identity.blocking]]\nname = "{name}"\ncondition = "{MORE_RULES[name]}"\nmax_block = 100000\n\n'
        text = text.replace("[[identity.comparison]]", rule + "[[identity.comparison]]", 1)
    book.write_text(text)


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
