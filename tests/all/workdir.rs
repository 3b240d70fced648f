//! A folder for one test, in which the real binary runs. A failure shows the command, its status and both outputs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for one test; it is gone when the test is over.
pub struct Workdir {
    folder: tempfile::TempDir,
}

impl Workdir {
    /// An empty folder.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder for temporary files"),
        }
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("folders can be made");
        fs::write(path, content).expect("files can be written");
        self
    }

    /// The binary, to be run in the folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("RUST_BACKTRACE");
        command
    }

    /// Runs the binary; it must succeed. Gives standard output.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{}", describe(arguments, &output));
        String::from_utf8(output.stdout).expect("output is UTF-8")
    }

    /// Runs the binary; it must fail with a code. Gives standard error, with the folder's own path taken out.
    pub fn fail(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{}",
            describe(arguments, &output)
        );
        String::from_utf8_lossy(&output.stderr)
            .replace(&self.folder.path().display().to_string(), "[folder]")
    }

    /// The rows of a query over what is published in `warehouse`, as csv.
    pub fn query(&self, sql: &str) -> String {
        self.run(&["query", "--output", "warehouse", "--format", "csv", sql])
            .trim_end()
            .to_string()
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }
}

fn describe(arguments: &[&str], output: &Output) -> String {
    format!(
        "onefold {}\nstatus: {}\nstdout:\n{}\nstderr:\n{}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The project itself.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A project of one export and one stage, for tests of what goes wrong.
pub fn small_project() -> Workdir {
    let work = Workdir::new();
    work.write(
        "pipelines/customers.toml",
        r#"name = "small"
timezone = "Asia/Shanghai"
region = "CN"
as_of = "2026-07-01"

[exports]
root = "exports"

[exports.orders]
path = "orders*.csv"
format = "csv"
key = ["order_id"]
max_rejects = "10%"
columns = { order_id = "text", paid = "amount", ordered_at = "timestamp" }

[settings]
minimum = 2

[publish]
tables = ["master.*"]
output = "warehouse"
"#,
    );
    work.write("exports/orders.csv", "order_id,customer,paid,ordered_at\n1,Ann,10.00,2026-06-01 10:00\n2,Bob,20.50,2026-06-02 11:00\n3,Ann,5,2026-06-03 12:00\n");
    work.write(
        "sql/1_staging/orders.sql",
        "-- One row per order.\n-- @key order_id\nselect\n    orders.order_id,\n    orders.customer,\n    orders.paid,\n    orders.ordered_at\nfrom raw.orders as orders\n",
    );
    work.write(
        "sql/2_master/buyers.sql",
        "-- One row per buyer.\n-- @key customer\nselect\n    orders.customer,\n    sum(orders.paid) as paid, -- CNY  @not_null\n    sum(1) as order_count\nfrom staging.orders as orders\ngroup by orders.customer\n",
    );
    work
}

/// Every Parquet file below a folder, by its path, with its bytes; those that carry the run's id aside.
pub fn tables(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            for (name, bytes) in tables(&path) {
                found.push((
                    format!("{}/{name}", entry.file_name().to_string_lossy()),
                    bytes,
                ));
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "parquet")
            && entry.file_name() != "publish.parquet"
        {
            found.push((
                entry.file_name().to_string_lossy().into_owned(),
                fs::read(&path).expect("a file"),
            ));
        }
    }
    found.sort();
    found
}

/// The demo as it is, in a folder of its own.
pub fn whole_demo() -> Workdir {
    let work = Workdir::new();
    for folder in ["pipelines", "sql", "testdata"] {
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .arg(project().join(folder))
            .arg(work.path(folder))
            .status()
            .unwrap();
        assert!(copied.success());
    }
    work
}

/// The same, without the model that it ships with.
pub fn demo() -> Workdir {
    let work = whole_demo();
    std::fs::remove_file(work.path("pipelines/customers.model.toml")).unwrap();
    work
}
