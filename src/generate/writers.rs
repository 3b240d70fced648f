//! Files as companies have them: csv in their encodings, compressed or not; JSON lines; Parquet.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use encoding_rs::GB18030;
use parquet::arrow::ArrowWriter;

/// How text is written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Plain.
    Utf8,
    /// With a byte order mark, as spreadsheets write it.
    Utf8Mark,
    /// The Chinese standard.
    Gb18030,
}

enum Sink {
    Plain(BufWriter<File>),
    Gzip(flate2::write::GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
}

/// A text file being written, line by line.
pub struct Lines {
    sink: Sink,
    encoding: Encoding,
    /// How many lines were written, the header aside.
    pub count: u64,
    line: String,
}

impl Lines {
    /// Starts a file. Its ending says whether it is compressed: `.gz`, `.zst`.
    pub fn create(path: &Path, encoding: Encoding, header: &str) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = BufWriter::with_capacity(1 << 16, File::create(path)?);
        let sink = match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Sink::Gzip(
                flate2::GzBuilder::new()
                    .mtime(0)
                    .write(file, flate2::Compression::fast()),
            ),
            Some("zst") => Sink::Zstd(zstd::Encoder::new(file, 1)?),
            _ => Sink::Plain(file),
        };
        let mut lines = Self {
            sink,
            encoding,
            count: 0,
            line: String::new(),
        };
        if encoding == Encoding::Utf8Mark {
            lines.bytes("\u{FEFF}".as_bytes())?;
        }
        if !header.is_empty() {
            lines.text(header)?;
            lines.count = 0;
        }
        Ok(lines)
    }

    /// Writes a record of a csv.
    pub fn record(&mut self, fields: &[&str]) -> io::Result<()> {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            if field.contains(['"', ',', '\n']) {
                line.push('"');
                line.push_str(&field.replace('"', "\"\""));
                line.push('"');
            } else {
                line.push_str(field);
            }
        }
        let result = self.text(&line);
        self.line = line;
        result
    }

    /// Writes a line.
    pub fn text(&mut self, line: &str) -> io::Result<()> {
        self.count += 1;
        match self.encoding {
            Encoding::Gb18030 => {
                let (bytes, _, _) = GB18030.encode(line);
                self.bytes(&bytes)?;
                self.bytes(b"\r\n")
            }
            _ => {
                self.bytes(line.as_bytes())?;
                self.bytes(b"\n")
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.sink {
            Sink::Plain(sink) => sink.write_all(bytes),
            Sink::Gzip(sink) => sink.write_all(bytes),
            Sink::Zstd(sink) => sink.write_all(bytes),
        }
    }

    /// Ends the file.
    pub fn close(self) -> io::Result<u64> {
        match self.sink {
            Sink::Plain(mut sink) => sink.flush()?,
            Sink::Gzip(sink) => sink.finish()?.flush()?,
            Sink::Zstd(sink) => sink.finish()?.flush()?,
        }
        Ok(self.count)
    }
}

/// A Parquet file of texts and whole numbers being written, row by row.
pub struct Rows {
    writer: ArrowWriter<File>,
    schema: SchemaRef,
    texts: Vec<StringBuilder>,
    numbers: Vec<Int64Builder>,
    pending: usize,
    /// How many rows were written.
    pub count: u64,
}

impl Rows {
    /// Starts a file with text columns, then number columns.
    pub fn create(path: &Path, texts: &[&str], numbers: &[&str]) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let fields = texts
            .iter()
            .map(|name| Field::new(*name, DataType::Utf8, true))
            .chain(
                numbers
                    .iter()
                    .map(|name| Field::new(*name, DataType::Int64, true)),
            );
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let writer = ArrowWriter::try_new(
            File::create(path)?,
            schema.clone(),
            Some(crate::engine::write::properties(&[])),
        )?;
        Ok(Self {
            writer,
            schema,
            texts: texts.iter().map(|_| StringBuilder::new()).collect(),
            numbers: numbers.iter().map(|_| Int64Builder::new()).collect(),
            pending: 0,
            count: 0,
        })
    }

    /// Writes a row.
    pub fn row(&mut self, texts: &[&str], numbers: &[i64]) -> io::Result<()> {
        for (builder, text) in self.texts.iter_mut().zip(texts) {
            if text.is_empty() {
                builder.append_null()
            } else {
                builder.append_value(text)
            }
        }
        for (builder, number) in self.numbers.iter_mut().zip(numbers) {
            builder.append_value(*number);
        }
        self.pending += 1;
        self.count += 1;
        if self.pending >= 8192 {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        for builder in &mut self.texts {
            columns.push(Arc::new(builder.finish()));
        }
        for builder in &mut self.numbers {
            columns.push(Arc::new(builder.finish()));
        }
        self.pending = 0;
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(io::Error::other)?;
        Ok(self.writer.write(&batch)?)
    }

    /// Ends the file.
    pub fn close(mut self) -> io::Result<u64> {
        self.flush()?;
        self.writer.close()?;
        Ok(self.count)
    }
}
