"""Reads a workbook of a million rows with onefold, and with polars, as whole processes: seconds and the most memory.

    /tmp/readers/bin/pip install XlsxWriter polars fastexcel
    /tmp/readers/bin/python benches/readers/excel.py DATA_FOLDER [--rows 1000000]
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

import xlsxwriter

ROOT = pathlib.Path(__file__).resolve().parents[2]


def make(path, rows):
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("订单")
    sheet.write_row(0, 0, ["订单导出"])
    sheet.write_row(1, 0, ["订单编号", "买家会员名", "收货人姓名", "联系手机", "收货地址", "下单时间", "数量", "实付款"])
    stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for row in range(rows):
        line = row + 2
        sheet.write_string(line, 0, str(202600000000000000 + row))
        sheet.write_string(line, 1, f"tb{row * 7919 % 10**8}")
        sheet.write_string(line, 2, "王李张刘陈"[row % 5] + "伟芳娜敏静丽"[row % 6])
        sheet.write_number(line, 3, 13900000000 + row * 7919 % 10**8)
        sheet.write_string(line, 4, f"浙江省杭州市余杭区文一西路{row % 1500}号{row % 30}栋{row % 3200}室")
        sheet.write_number(line, 5, 46000 + row % 365 + (row % 86400) / 86400, stamp)
        sheet.write_number(line, 6, row % 5 + 1)
        sheet.write_number(line, 7, row * 37 % 100000 / 100)
    sheet.write_row(rows + 2, 0, ["合计"])
    book.close()


def measured(command):
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command}: {errors.decode()}")
    return f"{time.perf_counter() - started:.1f} | {usage.ru_utime + usage.ru_stime:.1f} | {usage.ru_maxrss / 1024:.0f}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--target", type=pathlib.Path, default=pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")))
    arguments = parser.parse_args()
    project = arguments.folder.resolve()
    for folder in ("exports", "pipelines", "sql/1_staging"):
        (project / folder).mkdir(parents=True, exist_ok=True)
    book = project / "exports" / "orders.xlsx"
    if not book.exists():
        make(book, arguments.rows)
    (project / "sql/1_staging/orders.sql").write_text('-- Orders.\n-- @materialized view\nselect "订单编号" as order_id from raw.orders\n')
    (project / "pipelines/orders.toml").write_text(
        'name = "orders"\ntimezone = "Asia/Shanghai"\nregion = "CN"\n[exports]\nroot = "exports"\n[exports.orders]\npath = "orders.xlsx"\nformat = "excel"\n'
        'key = ["订单编号"]\ncolumns = { "联系手机" = "text", "下单时间" = "timestamp", "数量" = "integer", "实付款" = "amount" }\n[publish]\ntables = []\noutput = "warehouse"\n'
    )
    print(f"{book.stat().st_size / 1e6:.0f} MB, {arguments.rows} rows\n\n| reader | seconds | processor seconds | memory, MiB |\n|---|---|---|---|")
    onefold = [str(arguments.target / "release/onefold"), "run", str(project / "pipelines/orders.toml"), "--no-publish", "--quiet", "--force"]
    print(f"| onefold | {measured(onefold)} |")
    polars = f"import polars as pl; pl.read_excel('{book}', read_options={{'header_row': 1}}).write_parquet('{project}/polars.parquet', compression='lz4')"
    print(f"| polars (fastexcel) | {measured([sys.executable, '-c', polars])} |")


main()
