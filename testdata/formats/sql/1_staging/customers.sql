-- One row per customer and export: what each format and encoding gives.
-- @key export, customer_no
select 'utf8' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.utf8
union all
select 'utf8_bom_crlf' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.utf8_bom_crlf
union all
select 'gb18030' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.gb18030
union all
select 'gb18030_broken' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.gb18030_broken
union all
select 'semicolon' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.semicolon
union all
select 'utf16' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.utf16
union all
select 'workbook' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.workbook
union all
select 'from1904' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.from1904
union all
select 'old_workbook' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.old_workbook
union all
select 'page' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.page
union all
select 'xml2003' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.xml2003
union all
select 'columnar' as export, "客户编号" as customer_no, "姓名" as full_name, "手机号码" as phone, "注册日期" as registered_on, "消费金额" as paid from raw.columnar
union all
select 'big5', "客戶編號", "姓名", "手機號碼", "註冊日期", "消費金額" from raw.big5
union all
select 'shift_jis', "客戸編号", "おなまえ", "でんわ", "ひづけ", "きんがく" from raw.shift_jis
union all
select 'windows1252', id, name, phone, date, amount from raw.windows1252
union all
select 'json_lines', "客户编号", "contact.name", "contact.phones.0", date, amount from raw.json_lines
union all
select 'json_array', "客户编号", "contact.name", array_to_string("contact.phones", '+'), date, amount from raw.json_array
