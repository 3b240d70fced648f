//! Exports in a bucket: a small server on this machine speaks as much of S3 as is asked of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use crate::workdir::small_project;

/// Serves objects by their keys, to be listed and read in ranges; it ends with the test's process.
fn serve(objects: Vec<(&'static str, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let objects = Arc::new(objects);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let objects = Arc::clone(&objects);
            std::thread::spawn(move || while answer(&stream, &objects).is_some() {});
        }
    });
    address
}

/// Answers one request; none at the end of the connection.
fn answer(stream: &TcpStream, objects: &[(&'static str, Vec<u8>)]) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let target = first.split(' ').nth(1)?.to_string();
    let mut range = None;
    for line in lines.by_ref() {
        let line = line.ok()?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("range: bytes=") {
            let (start, end) = bytes.split_once('-')?;
            range = Some((start.parse::<usize>().ok()?, end.parse::<usize>().ok()?));
        }
    }
    let date = "Tue, 02 Jun 2026 00:00:00 GMT";
    let reply = |status: &str, headers: &str, body: &[u8]| {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nLast-Modified: {date}\r\n{headers}\r\n",
            body.len()
        );
        let mut stream = stream;
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()
    };
    if target.contains("list-type=2") {
        let entry = |(key, bytes): &(&str, Vec<u8>)| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-06-02T00:00:00.000Z</LastModified><ETag>\"e{}\"</ETag><Size>{}</Size></Contents>",
                bytes.len(),
                bytes.len()
            )
        };
        let entries: String = objects.iter().map(entry).collect();
        let body = format!(
            "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
        );
        return reply(
            "200 OK",
            "Content-Type: application/xml\r\n",
            body.as_bytes(),
        );
    }
    let found = objects
        .iter()
        .find(|(key, _)| target.ends_with(&format!("/{key}")));
    match (found, range) {
        (Some((_, bytes)), Some((start, end))) => {
            let end = end.min(bytes.len() - 1);
            let headers = format!(
                "ETag: \"e{}\"\r\nContent-Range: bytes {start}-{end}/{}\r\n",
                bytes.len(),
                bytes.len()
            );
            reply("206 Partial Content", &headers, &bytes[start..=end])
        }
        (Some((_, bytes)), None) => {
            reply("200 OK", &format!("ETag: \"e{}\"\r\n", bytes.len()), bytes)
        }
        (None, _) => reply("404 Not Found", "", b""),
    }
}

fn run(work: &crate::workdir::Workdir, endpoint: &str, code: i32) -> String {
    let output = work
        .command(&["run", "--quiet", "--exports", "s3://nightly/2026-06-01"])
        .env("AWS_ENDPOINT", endpoint)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_ACCESS_KEY_ID", "someone")
        .env("AWS_SECRET_ACCESS_KEY", "something")
        .env("AWS_REGION", "eu-central-1")
        .output()
        .unwrap();
    let mut said = String::new();
    (&output.stderr[..]).read_to_string(&mut said).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

#[test]
fn exports_are_read_from_a_bucket() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all("order_id,customer,paid,ordered_at\n3,张伟,7.00,2026-06-03 10:00\n".as_bytes())
        .unwrap();
    let endpoint = serve(vec![
        ("2026-06-01/orders-1.csv", b"order_id,customer,paid,ordered_at\n1,Ann,5.00,2026-06-01 10:00\n2,Bob,6.00,2026-06-02 10:00\n".to_vec()),
        ("2026-06-01/orders-2.csv.gz", gzip.finish().unwrap()),
        ("2026-06-01/old/orders-9.csv", b"never\n".to_vec()),
    ]);
    let work = small_project();
    let text = std::fs::read_to_string(work.path("pipelines/customers.toml")).unwrap();
    work.write(
        "pipelines/customers.toml",
        text.replace("orders*.csv", "orders-*.csv*"),
    );
    run(&work, &endpoint, 0);
    assert_eq!(
        work.query("select order_id, customer, paid from staging.orders order by 1"),
        "order_id,customer,paid\n1,Ann,5.00\n2,Bob,6.00\n3,张伟,7.00"
    );
}

#[test]
fn an_export_that_is_not_in_the_bucket_is_missing() {
    let endpoint = serve(vec![("2026-06-01/others.csv", b"a\n".to_vec())]);
    let said = run(&small_project(), &endpoint, 75);
    assert!(
        said.contains(
            "the export orders is missing: no file matches s3://nightly/2026-06-01/orders*.csv"
        ),
        "{said}"
    );
}
