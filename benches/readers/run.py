"""Reads one large orders file with onefold, DuckDB and polars: csv in, typed Parquet out, as whole processes.

    cargo build --release
    python3 -m venv /tmp/readers && /tmp/readers/bin/pip install duckdb polars
    /tmp/readers/bin/python benches/readers/run.py DATA_FOLDER [--bytes 1000000000] [--rounds 3] [--threads 2]

The orders are made once, seeded, in UTF-8 and in GB18030, in DATA_FOLDER. Every reader gives the same types: text, a timestamp,
an integer, two decimals. The best round of each counts; the rows, and the sum of the amounts, must agree.
"""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

import duckdb

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = "订单编号,买家会员名,收货人姓名,联系手机,收货地址,下单时间,订单状态,商品标题,数量,应付金额,实付款,买家留言"


def make(folder, size):
    """Writes orders.utf8.csv and orders.gb18030.csv: the same rows."""
    utf8, gb18030 = folder / "orders.utf8.csv", folder / "orders.gb18030.csv"
    if utf8.exists() and utf8.stat().st_size >= size:
        return utf8, gb18030
    chance = random.Random(7)
    surnames, given = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文"
    places = ["浙江省杭州市余杭区文一西路", "北京市朝阳区望京街", "上海市浦东新区世纪大道", "广东省深圳市南山区科技园路", "四川省成都市武侯区人民南路"]
    goods = ["无线蓝牙耳机 Pro", "纯棉四件套 1.8m", "有机龙井茶 250g", "Ceramic mug 350ml", "儿童积木 120 粒", "不锈钢保温杯"]
    states = ["已完成", "已发货", "已退款", "交易关闭"]
    notes = ["", "", "", "", "请尽快发货", '"周末, 送到门卫"', '"礼物，请""包装"""']
    rows = []
    for _ in range(50_000):
        name = chance.choice(surnames) + chance.choice(given) + chance.choice(["", chance.choice(given)])
        price = chance.randrange(900, 300_000)
        rows.append(
            f",tb{chance.randrange(10**8)},{name},1{chance.randrange(3, 10)}{chance.randrange(10**9):09},"
            f"{chance.choice(places)}{chance.randrange(1, 1500)}号{chance.randrange(1, 30)}栋{chance.randrange(100, 3200)}室,"
            f"202{chance.randrange(3, 7)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02} {chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02},"
            f"{chance.choice(states)},{chance.choice(goods)},{chance.randrange(1, 6)},{price / 100:.2f},{(price - chance.randrange(900)) / 100:.2f},{chance.choice(notes)}\n"
        )
    with open(utf8, "wb") as plain, open(gb18030, "wb") as other:
        plain.write((HEADER + "\n").encode())
        other.write((HEADER + "\n").encode("gb18030"))
        number = 10**17
        while plain.tell() < size:
            block = []
            for row in rows:
                number += 13
                block.append(f"{number}{row}")
            text = "".join(block)
            plain.write(text.encode())
            other.write(text.encode("gb18030"))
    return utf8, gb18030


def measured(command, **options):
    """Seconds of wall and of processor, and the most memory in MiB, of a whole process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    process.stdout.read()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command}: {errors.decode()}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def onefold(file, folder, threads):
    project = folder / "project"
    shutil.rmtree(project, ignore_errors=True)
    (project / "pipelines").mkdir(parents=True)
    (project / "sql" / "1_staging").mkdir(parents=True)
    (project / "sql" / "1_staging" / "orders.sql").write_text('-- Orders.\n-- @materialized view\nselect "订单编号" as order_id from raw.orders\n')
    (project / "pipelines" / "orders.toml").write_text(
        f'''name = "orders"
timezone = "Asia/Shanghai"
region = "CN"
[exports]
root = "{file.parent}"
[exports.orders]
path = "{file.name}"
format = "csv"
key = ["订单编号"]
columns = {{ "下单时间" = "timestamp", "数量" = "integer", "应付金额" = "amount", "实付款" = "amount" }}
[publish]
tables = []
output = "{project}/warehouse"
'''
    )
    return [str(ROOT_TARGET / "release" / "onefold"), "run", str(project / "pipelines" / "orders.toml"), "--threads", str(threads), "--no-publish", "--quiet"]


DUCKDB = """
import duckdb, sys
source, target, threads = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"set threads = {threads}; set timezone = 'Asia/Shanghai'")
types = "{'订单编号': 'VARCHAR', '联系手机': 'VARCHAR', '下单时间': 'TIMESTAMP', '数量': 'BIGINT', '应付金额': 'DECIMAL(18,2)', '实付款': 'DECIMAL(18,2)'}"
connection.execute(f"copy (select * from read_csv('{source}', header=true, delim=',', quote='\\"', types={types})) to '{target}' (format parquet, compression lz4_raw)")
"""

POLARS = """
import os, sys
source, target, threads = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = threads
import polars as pl
text = pl.String
types = {'订单编号': text, '联系手机': text, '下单时间': text, '数量': pl.Int64, '应付金额': pl.Decimal(18, 2), '实付款': pl.Decimal(18, 2)}
frame = pl.scan_csv(source, schema_overrides=types).with_columns(pl.col('下单时间').str.to_datetime('%Y-%m-%d %H:%M:%S'))
frame.sink_parquet(target, compression='lz4')
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--target", type=pathlib.Path, default=pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")))
    arguments = parser.parse_args()
    global ROOT_TARGET
    ROOT_TARGET = arguments.target
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    utf8, gb18030 = make(folder, arguments.bytes)
    threads = str(arguments.threads)
    iconv = f"iconv -f gb18030 -t utf-8 {gb18030} > {folder}/converted.csv && {sys.executable} -c \"$SCRIPT\" {folder}/converted.csv"
    jobs = {
        "onefold, UTF-8": lambda: measured(onefold(utf8, folder, threads)),
        "DuckDB, UTF-8": lambda: measured([sys.executable, "-c", DUCKDB, utf8, folder / "duckdb.parquet", threads]),
        "polars, UTF-8": lambda: measured([sys.executable, "-c", POLARS, utf8, folder / "polars.parquet", threads]),
        "onefold, GB18030": lambda: measured(onefold(gb18030, folder, threads)),
        "iconv and DuckDB, GB18030": lambda: measured(["sh", "-c", f"{iconv} {folder}/duckdb.parquet {threads}"], env={**os.environ, "SCRIPT": DUCKDB}),
        "iconv and polars, GB18030": lambda: measured(["sh", "-c", f"{iconv} {folder}/polars.parquet {threads}"], env={**os.environ, "SCRIPT": POLARS}),
    }
    best = {}
    for _ in range(arguments.rounds):
        for name, job in jobs.items():
            found = job()
            best[name] = min(best.get(name, found), found)
    cache = folder / "project" / "warehouse"
    table = next(path for path in cache.rglob("raw.orders*") if path.suffix not in (".json", ".rejects"))
    counts = {}
    for name, path in {"onefold": table, "DuckDB": folder / "duckdb.parquet", "polars": folder / "polars.parquet"}.items():
        counts[name] = duckdb.sql(f"select count(*), sum(\"实付款\"), count(distinct \"订单编号\") from read_parquet('{path}')").fetchall()[0]
    print(f"rows, sum of amounts, orders: {counts}")
    if len(set(counts.values())) != 1:
        sys.exit("the readers disagree")
    base = best["DuckDB, UTF-8"][0]
    print(f"\n{utf8.stat().st_size / 1e6:.0f} MB in UTF-8, {gb18030.stat().st_size / 1e6:.0f} MB in GB18030, {threads} threads, best of {arguments.rounds}\n")
    print("| reader | seconds | processor seconds | memory, MiB | times DuckDB on UTF-8 |\n|---|---|---|---|---|")
    for name, (wall, processor, memory) in best.items():
        print(f"| {name} | {wall:.1f} | {processor:.1f} | {memory:.0f} | {wall / base:.2f} |")


main()
