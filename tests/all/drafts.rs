//! `onefold new export`: what is drafted for a file, and that it runs.

use crate::workdir::{Workdir, project, small_project};

#[test]
fn a_draft_names_columns_by_their_headers() {
    let work = small_project();
    work.write(
        "taobao.csv",
        encoding_rs::GB18030
            .encode("订单编号,买家会员名,收货人姓名,联系手机,推荐人手机号,收货地址,订单创建时间,宝贝总数量,实付款(元),备注2\n202606010000000001,tb001,张伟,13912345678,13987654321,浙江省杭州市余杭区文一西路969号,2026-06-01 10:00:00,2,\"1,234.50\",x\n202606010000000002,tb002,欧阳娜娜,13987654321,,北京市朝阳区望京街1号,2026-06-02 11:00:00,1,20.00,\n")
            .0,
    );
    insta::assert_snapshot!(work.run(&["new", "export", "taobao.csv", "--print"]));
}

#[test]
fn a_draft_of_every_format_passes_check_and_run() {
    let formats = project().join("testdata/formats/exports");
    for (file, arguments) in [
        ("gb18030.csv", vec!["--name", "shop"]),
        ("workbook.xlsx", vec!["--name", "book"]),
        ("workbook.xls", vec!["--name", "old", "--sheet", "客户"]),
        ("page.xls", vec!["--name", "page"]),
        ("array.json", vec![]),
        ("lines.jsonl", vec!["--name", "lines"]),
        ("table.parquet", vec!["--name", "facts"]),
        ("combined.log", vec![]),
    ] {
        let work = small_project();
        std::fs::copy(formats.join(file), work.path("exports").join(file)).unwrap();
        let path = format!("exports/{file}");
        let mut command = vec!["new", "export", path.as_str()];
        command.extend(&arguments);
        work.run(&command);
        let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
        // The damage of these files is more than one row in a hundred.
        let text = text.replace(
            &format!("path = {file:?}\n"),
            &format!("path = {file:?}\nmax_rejects = \"3\"\n"),
        );
        work.write("pipelines/customers.toml", text);
        work.run(&["check"]);
        work.run(&["run", "--quiet"]);
        let name = arguments
            .get(1)
            .copied()
            .unwrap_or(file.split('.').next().unwrap());
        let rows: u32 = work
            .query(&format!("select count(*) as n from raw.{name}"))
            .lines()
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        assert!(rows >= 2, "{file} has {rows} rows");
    }
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let work = small_project();
    let said = work.fail(
        2,
        &["new", "export", "exports/orders.csv", "--name", "orders"],
    );
    assert!(
        said.contains("the pipeline has an export orders already"),
        "{said}"
    );
}

#[test]
fn a_project_begins_with_a_draft() {
    let work = crate::workdir::Workdir::new();
    work.write(
        "exports/patients.csv",
        "病历号,姓名,性别\n0001,张伟,1\n0002,王芳,2\n0003,李娜,2\n",
    );
    let draft = [
        "new",
        "export",
        "exports/patients.csv",
        "--pipeline",
        "pipelines/hospital.toml",
    ];
    let said = work.run(&draft);
    assert!(said.contains("wrote pipelines/hospital.toml"), "{said}");
    let pipeline = std::fs::read_to_string(work.path("pipelines/hospital.toml")).unwrap();
    assert!(pipeline.contains("key = [\"病历号\"]"), "{pipeline}");
    work.run(&["run", "--quiet", "pipelines/hospital.toml"]);
    let rows = work.run(&[
        "show",
        "staging.patients",
        "--pipeline",
        "pipelines/hospital.toml",
        "--format",
        "csv",
    ]);
    assert_eq!(rows.lines().count(), 4, "{rows}");
}

#[test]
fn a_title_above_the_header_is_passed_over() {
    let work = Workdir::new();
    work.write(
        "calls.csv",
        "客户服务中心来电明细表\n\n工单号,来电人,来电号码\nC1,王小明,13800001111\nC2,李四,13700002222\n",
    );
    let drafted = work.run(&["new", "export", "calls.csv", "--print"]);
    assert!(drafted.contains("header_row = 3"), "{drafted}");
    assert!(drafted.contains("calls.\"来电人\""), "{drafted}");
}

#[test]
fn a_draft_may_be_named_like_a_word_of_sql() {
    let work = crate::workdir::Workdir::new();
    work.write("exports/group.csv", "order,user\n1,张伟\n2,王芳\n");
    work.run(&["new", "export", "exports/group.csv"]);
    work.run(&["run", "--quiet"]);
    let rows = work.run(&["show", "staging.group", "--format", "csv"]);
    assert_eq!(rows.lines().count(), 3, "{rows}");
}
