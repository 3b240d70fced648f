//! Readers over damaged files: whatever the bytes are, a reader gives rows, rejects or a fault, and never panics.

use std::path::Path;

use onefold::exports::{Export, Source, read};
use onefold::pipeline::file::{ExportSpec, Format, RejectLimit};
use proptest::prelude::*;

use crate::workdir::project;

/// Reads bytes as an export of a format; what comes of it is not looked at.
fn read_bytes(folder: &Path, bytes: &[u8], format: Format) {
    let path = folder.join("export");
    std::fs::write(&path, bytes).unwrap();
    let spec = ExportSpec {
        max_rejects: RejectLimit::Share(1.0),
        columns: if format == Format::Json {
            toml::from_str("id = \"text\"\n\"contact.name\" = \"text\"\n\"contact.phones\" = \"list\"\ndate = \"date\"").unwrap()
        } else {
            Default::default()
        },
        ..ExportSpec::plain("export", format)
    };
    let sources = vec![Source::of_file(&path).unwrap()];
    let Ok(schema) = read::schema("export", &spec, &sources) else {
        return;
    };
    let export = Export {
        name: "export".to_string(),
        spec,
        sources,
        schema,
    };
    if let Ok(summary) = read::read(
        &export,
        chrono_tz::Asia::Shanghai,
        &folder.join("rows"),
        &folder.join("rejects"),
    ) {
        assert_eq!(summary.files.len(), 1);
    }
}

/// A good file of each format, and how it is read.
fn good_files() -> Vec<(Vec<u8>, Format)> {
    let folder = project().join("testdata/formats/exports");
    [
        ("utf8.csv", Format::Csv),
        ("gb18030.csv", Format::Csv),
        ("shift_jis.csv", Format::Csv),
        ("semicolon.csv.gz", Format::Csv),
        ("utf16.xls", Format::Excel),
        ("workbook.xlsx", Format::Excel),
        ("workbook.xls", Format::Excel),
        ("page.xls", Format::Excel),
        ("xml2003.xls", Format::Excel),
        ("lines.jsonl", Format::Json),
        ("array.json", Format::Json),
        ("table.parquet", Format::Parquet),
        ("combined.log", Format::AccessLog),
    ]
    .into_iter()
    .map(|(name, format)| (std::fs::read(folder.join(name)).unwrap(), format))
    .collect()
}

proptest! {
    #![proptest_config(crate::properties::config(400))]

    #[test]
    fn no_reader_panics_on_a_damaged_file(
        file in 0..13_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let (mut bytes, format) = good_files().swap_remove(file);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let folder = tempfile::tempdir().unwrap();
        read_bytes(folder.path(), &bytes, format);
    }

    #[test]
    fn no_reader_panics_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[\\x00-\\x7f]{0,200}") {
        let folder = tempfile::tempdir().unwrap();
        for format in [Format::Csv, Format::Excel, Format::Json, Format::Parquet, Format::AccessLog] {
            read_bytes(folder.path(), &bytes, format);
            read_bytes(folder.path(), text.as_bytes(), format);
        }
    }
}
