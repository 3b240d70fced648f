"""Writes the exports of testdata/formats: the same few customers as each system would hand them over, with its damage.

Needs openpyxl, xlwt and pyarrow. The files are kept in the repository, so that the tests need none of them.
"""

import gzip
import json
import pathlib

import openpyxl
import pyarrow
import pyarrow.parquet
import xlwt

HERE = pathlib.Path(__file__).parent / "exports"
HEADER = ["客户编号", "姓名", "手机号码", "注册日期", "消费金额"]
ROWS = [
    ["202606070000000001", "张伟", "13912345678", "2023-06-07", "1234.50"],
    ["202606070000000002", "欧阳娜娜", "13987654321", "2024-02-29", "20.00"],
    ["202606070000000003", "王小明", "13911112222", "2025-12-31", "10000.00"],
]


def write(name, content):
    HERE.mkdir(exist_ok=True)
    (HERE / name).write_bytes(content)


def lines(rows, separator=","):
    return "".join(separator.join(row) + "\n" for row in rows)


# One row breaks its contract, one has a cell too many, a quoted cell holds a comma and a line end.
DAMAGED = [
    ROWS[0],
    [ROWS[1][0], '"欧阳\n娜娜"', ROWS[1][2], "2024/2/29", '"20.00"'],
    ["202606070000000008", "李强", "13900000001", "2023-02-29", "1.00"],
    ["202606070000000009", "李强", "13900000001", "2023-06-07", "1.00", "多"],
    ROWS[2][:4] + ['"1万"'],
]
write("utf8.csv", lines([HEADER] + DAMAGED).encode())
write("utf8_bom_crlf.csv", ("\ufeff" + lines([HEADER] + DAMAGED).replace("\n", "\r\n")).encode())
write("gb18030.csv", lines([["客户编号*", "姓名（必填）", "手机 号码", "注册日期：", "消费金额"]] + DAMAGED).encode("gb18030"))
# A byte that is half of nothing, in the second row.
broken = lines([HEADER] + ROWS).encode("gb18030").split(b"\n")
broken[2] = broken[2].replace("欧阳".encode("gb18030"), b"\xff\xff")
write("gb18030_broken.csv", b"\n".join(broken))
write("big5.csv", lines([["客戶編號", "姓名", "手機號碼", "註冊日期", "消費金額"]] + [[row[0], name] + row[2:] for row, name in zip(ROWS, ["張偉", "歐陽娜娜", "王小明"])]).encode("big5"))
write("shift_jis.csv", lines([["客户编号".replace("户", "戸").replace("编", "編").replace("号", "号"), "おなまえ", "でんわ", "ひづけ", "きんがく"]] + [[row[0], name] + row[2:] for row, name in zip(ROWS, ["山田太郎", "鈴木はなこ", "ヤマダ"])]).encode("shift_jis"))
write("windows1252.csv", lines([["id", "name", "phone", "date", "amount"]] + [[row[0], name] + row[2:] for row, name in zip(ROWS, ["Jürgen Müller", "José Núñez", "Zoë O’Brien"])], ";").encode("cp1252"))
write("utf16.xls", ("\ufeff" + lines([HEADER] + ROWS, "\t")).encode("utf-16-le"))
write("semicolon.csv.gz", gzip.compress(lines([["客户名单"], HEADER] + ROWS, ";").encode(), mtime=0))

# Excel: a title and a note above, merged cells, numbers and texts, a formula without a value, an error, a total below.
book = openpyxl.Workbook()
sheet = book.active
sheet.title = "客户"
sheet.merge_cells("A1:E1")
sheet["A1"] = "客户名单"
sheet["A2"], sheet["B2"] = "导出时间", "2026-06-07"
for column, title in enumerate(["客户编号", "姓名", "手机号码（必填）*", "注册日期", "消费金额"], 1):
    sheet.cell(4, column, title)
import datetime

for line, row in enumerate(ROWS, 5):
    sheet.cell(line, 1, row[0])
    sheet.cell(line, 2, row[1])
    sheet.cell(line, 3, int(row[2]))
    sheet.cell(line, 4, datetime.datetime.strptime(row[3], "%Y-%m-%d")).number_format = "yyyy-mm-dd"
    sheet.cell(line, 5, float(row[4]))
# An order number that was typed as a number has lost its last digits.
sheet.cell(8, 1, 202606070000000004)
sheet.cell(8, 2, "李强")
# One name for two records, and a day as the number it is kept as.
sheet.cell(9, 1, "202606070000000005")
sheet.cell(9, 2, "赵敏")
sheet.cell(9, 4, 45084)
sheet.cell(9, 5, "=1+1")
sheet.cell(10, 1, "202606070000000006")
sheet.merge_cells("B9:B10")
sheet.cell(10, 5, "#N/A").data_type = "e"
sheet.cell(11, 1, "合计")
sheet.cell(11, 5, 11256.5)
sheet.cell(12, 1, "制表人：王芳")
hidden = book.create_sheet("草稿")
hidden.sheet_state = "hidden"
book.properties.created = book.properties.modified = datetime.datetime(2026, 6, 7)
book.save(HERE / "workbook.xlsx")

# The days of this one are counted from 1904.
book = openpyxl.Workbook()
book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
sheet = book.active
sheet.append(HEADER)
for row in ROWS:
    sheet.append([row[0], row[1], row[2], datetime.datetime.strptime(row[3], "%Y-%m-%d"), float(row[4])])
sheet.append(["202606070000000007", "孙丽", "13900000007", 45084 - 1462, 5])
book.properties.created = book.properties.modified = datetime.datetime(2026, 6, 7)
book.save(HERE / "from1904.xlsx")

old = xlwt.Workbook()
first = old.add_sheet("说明")
first.write(0, 0, "见第二页")
sheet = old.add_sheet("客户")
sheet.write_merge(0, 0, 0, 4, "客户名单")
for column, title in enumerate(HEADER):
    sheet.write(1, column, title)
style = xlwt.easyxf(num_format_str="yyyy-mm-dd")
for line, row in enumerate(ROWS, 2):
    sheet.write(line, 0, row[0])
    sheet.write(line, 1, row[1])
    sheet.write(line, 2, int(row[2]))
    sheet.write(line, 3, datetime.datetime.strptime(row[3], "%Y-%m-%d"), style)
    sheet.write(line, 4, float(row[4]))
sheet.write(5, 0, "合计")
sheet.write(5, 4, xlwt.Formula("SUM(E3:E5)"))
old.save(str(HERE / "workbook.xls"))

cells = lambda row, tag="td": "".join(f"<{tag}>{cell}</{tag}>" for cell in row)
page = "<html><head><meta http-equiv='Content-Type' content='text/html; charset=gb2312'><style>td{color:red}</style></head><body>"
page += "<table><tr><td colspan=5>客户名单</td></tr>" + f"<tr>{cells(HEADER, 'th')}</tr>"
# No end tags, a line break, an entity, and a cell that goes on in the row below.
page += f"<tr><td>{ROWS[0][0]}<td>张&nbsp;伟<td rowspan=2>{ROWS[0][2]}<td>{ROWS[0][3]}<td>{ROWS[0][4]}"
page += f"<tr><td>{ROWS[1][0]}</td><td>欧阳<br>娜娜</td><td>{ROWS[1][3]}</td><td>{ROWS[1][4]}</td></tr>"
page += f"<tr>{cells(ROWS[2])}</tr><tr>{cells(['合计', '', '', '', '11254.50'])}</tr></table></body></html>"
write("page.xls", page.encode("gb18030"))

xml = '<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="客户"><Table>'
data = lambda value, kind="String": f'<Data ss:Type="{kind}">{value}</Data>'
xml += "<Row>" + "".join(f"<Cell>{data(title)}</Cell>" for title in HEADER) + "</Row>"
for row in ROWS:
    xml += f'<Row><Cell>{data(row[0])}</Cell><Cell>{data(row[1])}</Cell><Cell ss:Index="4">{data(row[3] + "T00:00:00.000", "DateTime")}</Cell><Cell>{data(row[4], "Number")}</Cell></Row>'
write("xml2003.xls", (xml + "</Table></Worksheet></Workbook>").encode())

objects = [{"客户编号": int(row[0]), "contact": {"name": row[1], "phones": [row[2], "x"]}, "date": row[3], "amount": float(row[4])} for row in ROWS]
write("lines.jsonl", ("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects) + "{broken\n").encode())
write("array.json", json.dumps(objects, ensure_ascii=False, indent=2).encode())

table = pyarrow.table({name: pyarrow.array([row[at] for row in ROWS]) for at, name in enumerate(HEADER)})
table = table.set_column(1, "姓名", table["姓名"].dictionary_encode())
pyarrow.parquet.write_table(table, HERE / "table.parquet")

agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) MicroMessenger/8.0.49"
write(
    "combined.log",
    (
        f'203.0.113.9 - u1 [07/Jun/2026:09:05:00 +0800] "GET /p?q=\\"a\\" HTTP/1.1" 200 512 "-" "{agent}" "uid=ab"\n'
        '66.249.66.1 - - [07/Jun/2026:01:06:00 +0000] "GET / HTTP/1.1" 404 - "-" "Mozilla/5.0 (compatible; Googlebot/2.1)"\n'
        "\\x16\\x03\\x01\\x02\n"
    ).encode(),
)
write("custom.log", f'1780794300.125 10.0.0.2 "100.64.1.2, 8.8.4.4" "POST /cart" 502 0.250 {agent}\n'.encode())
