//! Every reader over arbitrary bytes: the first byte says the format. Start it on the files of testdata/formats/exports.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onefold::exports::{Export, Source, read};
use onefold::pipeline::file::{ExportSpec, Format, RejectLimit};

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    let formats = [Format::Csv, Format::Json, Format::Parquet, Format::Excel, Format::AccessLog];
    let format = formats[usize::from(*kind) % formats.len()];
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("export");
    std::fs::write(&path, bytes).expect("files can be written");
    let spec = ExportSpec {
        max_rejects: RejectLimit::Share(1.0),
        columns: match format {
            Format::Json => toml::from_str("id = \"text\"\n\"a.b\" = \"list\"").expect("two columns"),
            _ => Default::default(),
        },
        ..ExportSpec::plain("export", format)
    };
    let sources = vec![Source::of_file(&path).expect("the file was written")];
    if let Ok(schema) = read::schema("export", &spec, &sources) {
        let export = Export {
            name: "export".to_string(),
            spec,
            sources,
            schema,
        };
        let _ = read::read(&export, chrono_tz::Asia::Shanghai, &folder.path().join("rows"), &folder.path().join("rejects"));
    }
});
