//! What a person reads when something is wrong: every message is a snapshot.

use crate::workdir::small_project;

/// A change to the small project, and the exit code that it gives.
fn message(name: &str, change: impl Fn(&crate::workdir::Workdir), code: i32) {
    let work = small_project();
    change(&work);
    let said = work.fail(code, &["run", "--quiet"]);
    insta::with_settings!({ filters => vec![(r"\d{8}T\d{9}Z", "[run]")] }, { insta::assert_snapshot!(name, said) });
}

const BUYERS: &str = "sql/2_master/buyers.sql";

#[test]
fn a_misspelt_column_is_shown_with_a_caret() {
    message(
        "misspelt_column",
        |work| {
            work.write(BUYERS, "-- Buyers.\nselect\n    orders.custmer,\n    sum(orders.paid) as paid\nfrom staging.orders as orders\ngroup by 1\n");
        },
        2,
    );
}

#[test]
fn a_subquery_that_the_engine_cannot_run_is_told_before_a_row_is_read() {
    message(
        "subquery_in_a_case",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect\n    orders.customer,\n    case when orders.customer in (select known.customer from staging.orders as known) then 1 end as is_known\nfrom staging.orders as orders\n",
            );
        },
        2,
    );
}

#[test]
fn a_word_that_an_argument_does_not_know_is_told_before_a_row_is_read() {
    for (call, told) in [
        (
            "parse_date(orders.customer, 'yyyymmdd')",
            "it is dmy, mdy or ymd",
        ),
        (
            "phone_key(orders.customer, 'UK')",
            "the United Kingdom is GB",
        ),
        (
            "array_to_string(array_agg(orders.customer), ';')",
            "array_agg(value order by value)",
        ),
    ] {
        let work = small_project();
        work.write(
            BUYERS,
            format!("-- Buyers.\nselect {call} as x\nfrom staging.orders as orders\n"),
        );
        let said = work.fail(2, &["check"]);
        assert!(said.contains(told), "{said}");
    }
    let work = small_project();
    let sorted = "-- Buyers.\n-- @key customers\nselect array_to_string(array_sort(array_agg(orders.customer)), ';') as customers\nfrom staging.orders as orders\n";
    work.write(BUYERS, sorted);
    work.run(&["run", "--quiet"]);
}

#[test]
fn all_broken_stages_are_told_at_once() {
    message(
        "broken_stages",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.custmer\nfrom staging.orders as orders\n",
            );
            work.write(
                "sql/2_master/totals.sql",
                "-- Totals.\nselect sum(orders.payed) as paid\nfrom staging.orders as orders\n",
            );
            work.write(
                "sql/3_marts/shown.sql",
                "-- Buyers as they are shown.\nselect buyers.custmer\nfrom master.buyers as buyers\n",
            );
        },
        2,
    );
    message(
        "broken_files",
        |work| {
            work.write(BUYERS, "-- Buyers.\nselect (1 as paid\n");
            work.write(
                "sql/2_master/totals.sql",
                "-- Totals.\n-- @kye paid\nselect 1 as paid\n",
            );
        },
        2,
    );
}

#[test]
fn a_missing_table_is_named_with_the_nearest_one() {
    message(
        "missing_table",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.customer\nfrom staging.ordrs as orders\n",
            );
        },
        2,
    );
}

#[test]
fn a_table_without_its_schema_is_found() {
    message(
        "table_without_schema",
        |work| {
            work.write(BUYERS, "-- Buyers.\nselect orders.customer\nfrom orders\n");
        },
        2,
    );
}

#[test]
fn an_unknown_function_is_shown_with_a_suggestion() {
    message(
        "unknown_function",
        |work| {
            work.write(BUYERS, "-- Buyers.\nselect\n    normalise_phone(orders.customer, 'CN') as phone\nfrom staging.orders as orders\n");
        },
        2,
    );
}

#[test]
fn a_wrong_type_is_found_in_the_item_that_has_it() {
    message(
        "wrong_type",
        |work| {
            work.write(BUYERS, "-- Buyers.\nselect\n    orders.customer,\n    sum(orders.ordered_at) as total\nfrom staging.orders as orders\ngroup by orders.customer\n");
        },
        2,
    );
}

#[test]
fn a_circle_is_told_with_every_stage_in_it() {
    message(
        "circle",
        |work| {
            work.write(
                "sql/2_master/a.sql",
                "-- A.\nselect b.customer from master.b as b\n",
            );
            work.write(
                "sql/2_master/b.sql",
                "-- B.\nselect a.customer from master.a as a\n",
            );
        },
        2,
    );
}

#[test]
fn a_stage_may_not_read_a_later_folder() {
    message(
        "later_folder",
        |work| {
            work.write(
                "sql/1_staging/x.sql",
                "-- X.\nselect buyers.customer from master.buyers as buyers\n",
            );
        },
        2,
    );
}

#[test]
fn a_syntax_error_has_its_place() {
    message(
        "syntax_error",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.customer,, 1\nfrom staging.orders as orders\n",
            );
        },
        2,
    );
}

#[test]
fn a_clock_in_a_stage_is_refused() {
    message(
        "clock",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.customer, now() as at from staging.orders as orders\n",
            );
        },
        2,
    );
}

#[test]
fn an_unknown_parameter_is_refused() {
    message(
        "unknown_parameter",
        |work| {
            work.write(BUYERS, "-- Buyers.\nselect orders.customer, $minimun as least from staging.orders as orders\n");
        },
        2,
    );
}

#[test]
fn a_sum_of_floats_is_refused() {
    message(
        "float_sum",
        |work| {
            work.write(BUYERS, "-- Buyers.\nselect orders.customer, sum(cast(orders.paid as double)) as paid from staging.orders as orders group by 1\n");
        },
        2,
    );
}

#[test]
fn a_type_that_cannot_be_published_is_refused() {
    message(
        "unpublishable_type",
        |work| {
            work.write(BUYERS, "-- Buyers.\nselect orders.customer, null as nothing from staging.orders as orders\n");
        },
        2,
    );
}

#[test]
fn an_unknown_annotation_is_refused() {
    message(
        "unknown_annotation",
        |work| {
            work.write(BUYERS, "-- Buyers.\nselect\n    orders.customer -- who  @notnull\nfrom staging.orders as orders\n");
        },
        2,
    );
}

#[test]
fn an_unknown_key_in_the_pipeline_is_refused() {
    message(
        "unknown_pipeline_key",
        |work| {
            let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
            work.write(
                "pipelines/customers.toml",
                text.replace("max_rejects", "max_reject"),
            );
        },
        2,
    );
}

#[test]
fn a_csv_that_was_cut_off_stops_the_run() {
    message(
        "truncated_csv",
        |work| {
            work.write(
                "exports/orders.csv",
                "order_id,customer,paid,ordered_at\n1,Ann,10.00,2026-06-01 10:00\n2,Bob",
            );
        },
        1,
    );
}

#[test]
fn a_missing_export_is_to_be_tried_later() {
    message(
        "missing_export",
        |work| {
            std::fs::remove_file(work.path("exports/orders.csv")).unwrap();
        },
        75,
    );
}

#[test]
fn a_missing_folder_of_exports_is_a_fault_of_the_project() {
    message(
        "missing_root",
        |work| {
            std::fs::remove_dir_all(work.path("exports")).unwrap();
        },
        2,
    );
}

#[test]
fn too_many_rejects_stop_the_run() {
    message(
        "too_many_rejects",
        |work| {
            work.write("exports/orders.csv", "order_id,customer,paid,ordered_at\n1,Ann,ten,2026-06-01 10:00\n2,Bob,20.50,2026-06-31 11:00\n3,Ann,5\n4,Eve,1,2026-06-01\n");
        },
        1,
    );
}

#[test]
fn a_missing_column_is_told_from_the_header() {
    message(
        "missing_column",
        |work| {
            work.write(
                "exports/orders.csv",
                "order_id,customer,payed,ordered_at\n1,Ann,10.00,2026-06-01 10:00\n",
            );
        },
        2,
    );
}

#[test]
fn a_failed_check_publishes_nothing() {
    message(
        "failed_check",
        |work| {
            work.write("exports/orders.csv", "order_id,customer,paid,ordered_at\n1,Ann,10.00,2026-06-01 10:00\n1,Bob,20.50,2026-06-02 11:00\n");
        },
        1,
    );
    let work = small_project();
    work.write("sql/checks/nobody_pays_much.sql", "-- Nobody pays more than ten.\nselect orders.order_id from staging.orders as orders where orders.paid > 10\n");
    let said = work.fail(1, &["run", "--quiet"]);
    insta::assert_snapshot!("failed_check_query", said);
    assert!(!work.path("warehouse/current.json").exists());
}

#[test]
fn an_empty_project_says_where_to_go() {
    let work = crate::workdir::Workdir::new();
    insta::assert_snapshot!("no_pipeline", work.fail(2, &["run"]));
}

#[test]
fn help_can_be_read_aloud() {
    let work = crate::workdir::Workdir::new();
    insta::assert_snapshot!("help", work.run(&["--help"]));
    insta::assert_snapshot!("help_run", work.run(&["run", "--help"]));
}

#[test]
fn a_limit_without_an_order_is_refused() {
    message(
        "limit_without_order",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.customer from staging.orders as orders limit 3\n",
            );
        },
        2,
    );
}

#[test]
fn a_check_of_each_row_may_ask_another_query() {
    message(
        "check_with_a_subquery",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\n-- @key customer\n-- @check paid >= (select max(o.paid) from staging.orders as o)\nselect orders.customer, min(orders.paid) as paid\nfrom staging.orders as orders\ngroup by orders.customer\n",
            );
        },
        1,
    );
}

#[test]
fn comments_within_a_query_are_not_those_of_its_columns() {
    message(
        "check_beside_a_subquery",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect\n    orders.customer as \"o'clock\", -- who @in ('nobody')\n    sum(orders.paid) as paid -- all @range 1000..2000\nfrom staging.orders as orders\nwhere exists (\n    select\n        o.paid -- any\n    from staging.orders as o\n    where o.customer = orders.customer\n)\ngroup by orders.customer\n",
            );
        },
        1,
    );
}

#[test]
fn a_misspelt_check_behind_no_plain_column_is_told() {
    message(
        "misspelt_check_behind_a_function",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect\n    upper(orders.customer) as customer -- who，@not_nul\nfrom staging.orders as orders\n",
            );
        },
        2,
    );
}

#[test]
fn a_misspelt_column_in_a_check_has_a_suggestion() {
    message(
        "misspelt_check",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\n-- @key customer\n-- @check piad >= 0\nselect orders.customer, sum(orders.paid) as paid\nfrom staging.orders as orders\ngroup by orders.customer\n",
            );
        },
        2,
    );
}

#[test]
fn records_that_read_identity_are_a_circle_with_places() {
    message(
        "circle_through_identity",
        |work| {
            let pipeline = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
            work.write(
                "pipelines/customers.toml",
                pipeline.replace(
                    "[publish]",
                    "[identity]\n[[identity.blocking]]\nname = \"name\"\ncondition = \"l.name = r.name\"\n[[identity.comparison]]\nname = \"name\"\ncolumn = \"name\"\nkind = \"exact\"\n[publish]",
                ),
            );
            work.write(
                "sql/1_staging/records.sql",
                "-- Records.\n-- @key record_id\nselect orders.order_id as record_id, orders.customer as name\nfrom staging.orders as orders\nleft join identity.customer_records as known on known.record_id = orders.order_id\n",
            );
        },
        2,
    );
}

#[test]
fn a_limit_within_a_query_needs_an_order_too() {
    message(
        "limit_without_order_inside",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nwith some as (select orders.customer from staging.orders as orders limit 3)\nselect some.customer from some order by 1 limit 2\n",
            );
        },
        2,
    );
}

#[test]
fn a_window_without_an_order_is_refused() {
    message(
        "window_without_order",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.customer, row_number() over (partition by orders.customer) as number\nfrom staging.orders as orders\n",
            );
        },
        2,
    );
}

#[test]
fn a_window_of_a_name_needs_an_order_too() {
    message(
        "named_window_without_order",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.customer, row_number() over each as number\nfrom staging.orders as orders\nwindow each as (partition by orders.customer)\n",
            );
        },
        2,
    );
}

#[test]
fn a_column_without_a_name_is_refused() {
    message(
        "unnamed_column",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.customer, count(*)\nfrom staging.orders as orders\ngroup by orders.customer\n",
            );
        },
        2,
    );
}

#[test]
fn a_column_without_a_name_is_found_behind_a_star() {
    message(
        "unnamed_column_behind_star",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nwith counted as (select orders.customer, count(*) from staging.orders as orders group by orders.customer)\nselect * from counted\n",
            );
        },
        2,
    );
}

#[test]
fn a_window_is_that_of_its_own_select() {
    message(
        "window_of_another_select",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect customer, row_number() over each as number from staging.orders window each as (partition by customer order by customer)\nunion all\nselect customer, row_number() over each as number from staging.orders window each as (partition by customer)\n",
            );
        },
        2,
    );
}

#[test]
fn a_template_is_told() {
    message(
        "template",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.customer\nfrom {{ ref(\"orders\") }} as orders\n",
            );
        },
        2,
    );
}

#[test]
fn a_date_beside_a_text_is_refused() {
    message(
        "mixed_comparison",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect orders.customer\nfrom staging.orders as orders\nwhere orders.customer > date '2026-01-01'\n",
            );
        },
        2,
    );
}

#[test]
fn a_row_of_several_is_not_left_to_chance() {
    message(
        "distinct_on",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect distinct on (orders.customer) orders.customer, orders.paid\nfrom staging.orders as orders\n",
            );
        },
        2,
    );
}

#[test]
fn a_table_that_sql_finds_in_quotes_alone_is_refused() {
    message(
        "table_in_capitals",
        |work| {
            work.write(
                "sql/2_master/Buyers2.sql",
                "-- Buyers.\nselect orders.customer from staging.orders as orders\n",
            );
        },
        2,
    );
}

#[test]
fn a_check_of_a_column_whose_name_has_row_count_in_it_is_of_each_row() {
    message(
        "check_of_each_row",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\n-- @key customer\n-- @check row_count > 1 and max(order_row_count) < 100\n-- @check order_row_count > 1\nselect orders.customer, sum(1) as order_row_count\nfrom staging.orders as orders\ngroup by orders.customer\n",
            );
        },
        1,
    );
}

#[test]
fn a_misspelt_key_of_an_export_is_refused() {
    message(
        "misspelt_key",
        |work| {
            let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
            work.write(
                "pipelines/customers.toml",
                text.replace("key = [\"order_id\"]", "key = [\"ordr_id\"]"),
            );
        },
        2,
    );
}

#[test]
fn two_files_cannot_make_one_table() {
    message(
        "two_files_one_table",
        |work| {
            work.write("sql/3_master/buyers.sql", "-- Buyers.\nselect 1 as one\n");
        },
        2,
    );
}

#[test]
fn an_unknown_region_is_refused() {
    message(
        "unknown_region",
        |work| {
            let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
            work.write(
                "pipelines/customers.toml",
                text.replace("region = \"CN\"", "region = \"XX\""),
            );
        },
        2,
    );
}

#[test]
fn a_check_with_a_broken_pattern_is_refused() {
    message(
        "broken_pattern",
        |work| {
            work.write(
                BUYERS,
                "-- Buyers.\nselect\n    orders.customer -- who  @matches '('\nfrom staging.orders as orders\n",
            );
        },
        2,
    );
}

#[test]
fn a_table_behind_the_functions_is_replaced_or_refused() {
    let work = small_project();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        format!("{text}\n[reference]\nnicknames = \"nicknames.tsv\"\n"),
    );
    work.write("sql/1_staging/orders.sql", "-- One row per order.\n-- @key order_id\nselect orders.order_id, person_name_level('Zorro Smith', 'Robert Smith') as level from raw.orders as orders\n");
    work.write("sql/2_master/buyers.sql", "-- Buyers.\nselect orders.level, sum(1) as n from staging.orders as orders group by orders.level\n");
    work.write("nicknames.tsv", "name\tnicknames\nrobert\tzorro\n");
    work.run(&["run", "--quiet"]);
    assert_eq!(
        work.query("select level from staging.orders limit 1"),
        "level\nnickname"
    );
    assert_eq!(
        work.query("select person_name_level('Zorro Smith', 'Robert Smith') as level"),
        "level\nnickname"
    );
    // Bob is ours: a file in the table's place does not have him, one beside it does.
    let bob = "select person_name_level('Bob Smith', 'Robert Smith') as level";
    assert_eq!(work.query(bob), "level\nelse");
    let toml = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    let beside = toml.replace("\"nicknames.tsv\"", "\"+nicknames.tsv\"");
    work.write("pipelines/customers.toml", beside);
    assert_eq!(work.query(bob), "level\nnickname");
    assert_eq!(
        work.query("select person_name_level('Zorro Smith', 'Robert Smith') as level"),
        "level\nnickname"
    );
    work.write("pipelines/customers.toml", toml);
    work.write("nicknames.tsv", "name\tnicknames\nrobert\n");
    insta::assert_snapshot!("table_behind_the_functions", work.fail(2, &["check"]));
    let reference = |tables: &str| {
        work.write(
            "pipelines/customers.toml",
            format!("{text}\n[reference]\n{tables}"),
        );
    };
    reference("titles = \"+titles.tsv\"\norganization_words = \"+words.tsv\"\n");
    work.write("titles.tsv", "title\tplace\n掌柜\tbehind\nwizard\taround\n");
    work.write(
        "words.tsv",
        "word\tkind\tinstead\nwidgetco\tform\t\nbanking\tspelling\tbank\n",
    );
    assert_eq!(
        work.query(
            "select normalize_person_name('王小明掌柜') as han, person_name_level('Wizard Bob Smith', 'Mrs Bob Smith') as latin,
                organization_name_key('Acme Widgetco') as form, organization_level('Alpha Banking AG', 'Alpha Bank AG') as spelled,
                organization_name_key('Acme Ltd') as ours"
        ),
        "han,latin,form,spelled,ours\n王小明,exact,acme,folded,acme"
    );
    work.write("titles.tsv", "title\tplace\n掌柜\tin_front\n");
    let said = work.fail(2, &["check"]);
    let told = "titles cannot be used: \"in_front\" is none of around, before, before_with_stop, behind, for_a_name";
    assert!(
        said.contains(told) && said.contains("titles.tsv:2:1"),
        "{said}"
    );
}
