//! How a plain Rust function becomes a SQL function over columns.
//!
//! A [`Function`] is a row of a catalogue: a name, its arguments, a documented example, and a Rust function over one
//! row. [`Adapter`] gives it to the engine for string columns of any kind; a null in a required argument gives null.

use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Builder, Decimal128Builder, Float64Builder, ListBuilder,
    StringArray, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use datafusion::common::types::logical_float64;
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::{
    Coercion, ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature,
    TypeSignature, TypeSignatureClass, Volatility,
};
use hashbrown::HashMap;

use super::date::ORDERS;
use super::phone;
use super::survivor::{Preference, survivor_type};

/// One SQL function: what a reader of `onefold functions` sees, and what computes it.
#[derive(Debug)]
pub struct Function {
    /// Its name in SQL.
    pub name: &'static str,
    /// Names of the arguments; the first `required` of them must be given.
    pub arguments: &'static [&'static str],
    /// How many arguments must be given.
    pub required: usize,
    /// What it computes, in one or two sentences.
    pub description: &'static str,
    /// Where its rule comes from.
    pub source: &'static str,
    /// A call, and the value it gives, as text.
    pub example: (&'static str, &'static str),
    /// The function over one row.
    pub call: Call,
}

/// The function over one row, by the type of its result. Text arguments come as `&str`, never null.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    /// Utf8.
    Text(fn(&[&str]) -> Option<String>),
    /// List of Utf8.
    Texts(fn(&[&str]) -> Option<Vec<String>>),
    /// Date32.
    Date(fn(&[&str]) -> Option<NaiveDate>),
    /// Timestamp in microseconds, UTC.
    Timestamp(fn(&[&str]) -> Option<DateTime<Utc>>),
    /// Decimal(18, 2), as hundredths.
    Amount(fn(&[&str]) -> Option<i128>),
    /// Texts to a number.
    Measure(fn(&[&str]) -> Option<f64>),
    /// How alike two texts are, for many of them: see [`levels`]. Utf8.
    Level(fn(&[Pair]) -> Vec<Option<&'static str>>),
    /// Float64 of Float64 arguments.
    Number(fn(&[f64]) -> Option<f64>),
    /// An aggregate: the value of a group that survives, with its record.
    Survivor(Preference),
}

/// Two texts, where both are there.
pub type Pair<'a> = Option<(&'a str, &'a str)>;

/// The levels of pairs of texts, each of which is taken apart once, in however many pairs it is.
pub fn levels<T>(
    pairs: &[Pair],
    read: impl Fn(&str) -> Option<T>,
    level: impl Fn((&str, &T), (&str, &T)) -> Option<&'static str>,
) -> Vec<Option<&'static str>> {
    let mut known: HashMap<&str, Option<T>> = HashMap::new();
    for (left, right) in pairs.iter().flatten() {
        for text in [left, right] {
            known.entry(text).or_insert_with(|| read(text));
        }
    }
    let level = |pair: &Pair| {
        let (left, right) = (*pair)?;
        let (one, other) = (known[left].as_ref()?, known[right].as_ref()?);
        level((left, one), (right, other))
    };
    pairs.iter().map(level).collect()
}

/// That a word which is written into the SQL is one of those that an argument knows: with another, every value would be null.
fn require_known(function: &str, argument: &str, word: &str) -> Result<()> {
    let is_known = match argument {
        "order" => ORDERS.contains(&word),
        "region" => phone::is_region(word),
        "zone" => Tz::from_str(word).is_ok(),
        _ => true,
    };
    if is_known {
        return Ok(());
    }
    let known = match argument {
        "order" => "it is dmy, mdy or ymd",
        "region" if word.eq_ignore_ascii_case("uk") => "the United Kingdom is GB",
        "region" => "it is two capital letters of ISO 3166, like CN or GB",
        _ => "it is a name of the IANA database, like Asia/Shanghai",
    };
    plan_err!("{function} knows no {argument} {word:?}: {known}")
}

/// What the arguments are, by their names.
const ARGUMENTS: &[(&str, &str)] = &[
    ("phone", "a phone number as it came"),
    (
        "region",
        "whose numbering plan a number without a country code belongs to: two letters of ISO 3166, like 'CN'",
    ),
    ("email", "an e-mail address as it came"),
    ("name", "a name as it came"),
    ("left", "a name or an address"),
    ("right", "another one"),
    ("left_date", "a date, or a text that parse_date reads"),
    ("right_date", "another one"),
    (
        "left_number",
        "a number as it is cleaned, some digits of it perhaps stars",
    ),
    ("right_number", "another one"),
    ("left_email", "an e-mail address"),
    ("right_email", "another one"),
    ("address", "an address as it came"),
    ("date", "a date as it came"),
    (
        "order",
        "'dmy', 'mdy' or 'ymd': what comes first where a text leaves it open",
    ),
    ("timestamp", "a date and time as it came"),
    (
        "zone",
        "the zone of times without an offset: a name of the IANA database, like 'Asia/Shanghai'",
    ),
    ("amount", "an amount as it came"),
    ("resident_id", "the number of an identity card as it came"),
    ("credit_code", "a unified social credit code as it came"),
    (
        "number",
        "a credit code, an old tax number or an organisation code as it came",
    ),
    ("user_agent", "the User-Agent of a request"),
    ("text", "any text"),
    ("successes", "how many of the trials succeeded"),
    ("trials", "how many trials there were"),
    ("promoters", "how many answered 9 or 10"),
    ("detractors", "how many answered 0 to 6"),
    ("answers", "how many answered"),
    ("value", "what may survive, as text"),
    (
        "trust",
        "how far its source is trusted, an integer, the most first",
    ),
    ("updated_at", "when its source changed it"),
    ("record_id", "the record that gives it"),
];

impl Function {
    /// What an argument is.
    pub fn argument(&self, name: &str) -> &'static str {
        ARGUMENTS
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, meaning)| meaning)
    }

    /// What a null among its arguments gives.
    pub fn of_null(&self) -> &'static str {
        match self.call {
            Call::Survivor(_) => {
                "rows whose value is null are passed over; a group without a value gives null"
            }
            _ => "null where an argument is null",
        }
    }

    /// `name(a, b [, c])`.
    pub fn usage(&self) -> String {
        let mut usage = format!(
            "{}({}",
            self.name,
            self.arguments[..self.required].join(", ")
        );
        for optional in &self.arguments[self.required..] {
            usage.push_str(&format!(" [, {optional}]"));
        }
        usage.push(')');
        usage
    }

    /// The type of its result.
    pub fn returns(&self) -> DataType {
        match self.call {
            Call::Text(_) | Call::Level(_) => DataType::Utf8,
            Call::Texts(_) => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
            Call::Date(_) => DataType::Date32,
            Call::Timestamp(_) => utc_microseconds(),
            Call::Amount(_) => DataType::Decimal128(18, 2),
            Call::Number(_) | Call::Measure(_) => DataType::Float64,
            Call::Survivor(_) => survivor_type(),
        }
    }

    fn signature(&self) -> Signature {
        let argument = match self.call {
            Call::Number(_) => Coercion::new_implicit(
                TypeSignatureClass::Native(logical_float64()),
                vec![TypeSignatureClass::Numeric],
                datafusion::common::types::NativeType::Float64,
            ),
            // Text of any physical kind, dictionaries among them: see `coerce_types`.
            _ => return Signature::user_defined(Volatility::Immutable),
        };
        let arities = (self.required..=self.arguments.len())
            .map(|count| TypeSignature::Coercible(vec![argument.clone(); count]))
            .collect();
        Signature::one_of(arities, Volatility::Immutable)
    }
}

/// The only timestamp type that is published.
pub fn utc_microseconds() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A [`Function`] as the engine sees it.
#[derive(Debug)]
pub struct Adapter {
    function: &'static Function,
    signature: Signature,
}

impl Adapter {
    /// Wraps one row of the catalogue.
    pub fn new(function: &'static Function) -> Self {
        Self {
            function,
            signature: function.signature(),
        }
    }
}

impl PartialEq for Adapter {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Adapter {}

impl Hash for Adapter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl ScalarUDFImpl for Adapter {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.returns())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let named = self.function.arguments.iter().zip(args.scalar_arguments);
        for (argument, value) in named {
            if let Some(Some(text)) = value.and_then(ScalarValue::try_as_str) {
                require_known(self.function.name, argument, text)?;
            }
        }
        Ok(Arc::new(Field::new(
            self.name(),
            self.function.returns(),
            true,
        )))
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        let Function {
            name,
            arguments,
            required,
            ..
        } = self.function;
        if !(*required..=arguments.len()).contains(&found.len()) {
            return plan_err!(
                "{name} takes {}, not {} arguments",
                self.function.usage(),
                found.len()
            );
        }
        let text = |(kind, argument): (&DataType, &&str)| match kind {
            DataType::Null => Ok(DataType::Utf8),
            DataType::Dictionary(_, values) if values.is_string() => Ok(kind.clone()),
            kind if kind.is_string() => Ok(kind.clone()),
            // As 2023-06-07.
            DataType::Date32 if argument.ends_with("_date") => Ok(DataType::Utf8),
            other => plan_err!("{name} takes text as its {argument}, not {other}: cast it"),
        };
        found.iter().zip(*arguments).map(text).collect()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args
            .args
            .iter()
            .all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let arrays = args
            .args
            .iter()
            .map(|arg| arg.to_array(rows))
            .collect::<Result<Vec<_>>>()?;
        let varying: Vec<usize> = (0..arrays.len())
            .filter(|at| matches!(args.args[*at], ColumnarValue::Array(_)))
            .collect();
        let result = match varying[..] {
            // A dictionary's values are computed once each, however many rows have them.
            [at] if arrays[at].as_any_dictionary_opt().is_some() => {
                let dictionary = arrays[at].as_any_dictionary();
                let values = dictionary.values();
                let once = args
                    .args
                    .iter()
                    .enumerate()
                    .map(|(number, arg)| match number == at {
                        true => Ok(Arc::clone(values)),
                        false => arg.to_array(values.len()),
                    });
                let computed = self.compute(&once.collect::<Result<Vec<_>>>()?, values.len())?;
                take(&computed, dictionary.keys(), None)?
            }
            _ => self.compute(&arrays, rows)?,
        };
        if constant {
            return Ok(ColumnarValue::Scalar(
                datafusion::common::ScalarValue::try_from_array(&result, 0)?,
            ));
        }
        Ok(ColumnarValue::Array(result))
    }
}

impl Adapter {
    fn compute(&self, arrays: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        if let Call::Number(call) = self.function.call {
            return numbers(arrays, rows, call);
        }
        let plain = arrays.iter().map(|array| match array.data_type() {
            DataType::Dictionary(_, values) => Ok(cast(array, values)?),
            _ => Ok(Arc::clone(array)),
        });
        let arrays = plain.collect::<Result<Vec<_>>>()?;
        let columns = arrays
            .iter()
            .map(TextColumn::new)
            .collect::<Result<Vec<_>>>()?;
        let mut row_values: Vec<&str> = Vec::with_capacity(columns.len());
        macro_rules! build {
            ($builder:expr, $call:expr, $append:expr) => {{
                let mut builder = $builder;
                for row in 0..rows {
                    row_values.clear();
                    row_values.extend(columns.iter().map_while(|column| column.get(row)));
                    let value = if row_values.len() == columns.len() {
                        $call(&row_values)
                    } else {
                        None
                    };
                    $append(&mut builder, value);
                }
                Arc::new(builder.finish()) as ArrayRef
            }};
        }
        Ok(match self.function.call {
            Call::Text(call) => {
                build!(
                    StringBuilder::with_capacity(rows, rows * 12),
                    call,
                    |b: &mut StringBuilder, v: Option<String>| { b.append_option(v) }
                )
            }
            Call::Texts(call) => build!(
                ListBuilder::new(StringBuilder::new()),
                call,
                |b: &mut ListBuilder<StringBuilder>, v: Option<Vec<String>>| b
                    .append_option(v.map(|texts| texts.into_iter().map(Some)))
            ),
            Call::Date(call) => {
                build!(
                    Date32Builder::with_capacity(rows),
                    call,
                    |b: &mut Date32Builder, v: Option<NaiveDate>| {
                        b.append_option(v.map(arrow::datatypes::Date32Type::from_naive_date))
                    }
                )
            }
            Call::Timestamp(call) => build!(
                TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC"),
                call,
                |b: &mut TimestampMicrosecondBuilder, v: Option<DateTime<Utc>>| b
                    .append_option(v.map(|at| at.timestamp_micros()))
            ),
            Call::Amount(call) => build!(
                Decimal128Builder::with_capacity(rows).with_precision_and_scale(18, 2)?,
                call,
                |b: &mut Decimal128Builder, v: Option<i128>| b.append_option(v)
            ),
            Call::Measure(call) => build!(
                Float64Builder::with_capacity(rows),
                call,
                |b: &mut Float64Builder, v: Option<f64>| b.append_option(v)
            ),
            Call::Level(call) => {
                let pair = |row: usize| columns[0].get(row).zip(columns[1].get(row));
                let pairs: Vec<Pair> = (0..rows).map(pair).collect();
                Arc::new(call(&pairs).into_iter().collect::<StringArray>())
            }
            Call::Number(_) | Call::Survivor(_) => {
                return exec_err!("{} is no function of texts", self.function.name);
            }
        })
    }
}

fn numbers(arrays: &[ArrayRef], rows: usize, call: fn(&[f64]) -> Option<f64>) -> Result<ArrayRef> {
    let columns: Vec<_> = arrays
        .iter()
        .map(|array| array.as_primitive::<arrow::datatypes::Float64Type>())
        .collect();
    let mut builder = Float64Builder::with_capacity(rows);
    let mut row_values = vec![0.0; columns.len()];
    for row in 0..rows {
        let complete = columns.iter().all(|column| column.is_valid(row));
        for (value, column) in row_values.iter_mut().zip(&columns) {
            *value = column.value(row);
        }
        builder.append_option(if complete { call(&row_values) } else { None });
    }
    Ok(Arc::new(builder.finish()))
}

/// A string column of any physical kind.
pub enum TextColumn<'a> {
    /// Utf8.
    Small(&'a arrow::array::StringArray),
    /// LargeUtf8.
    Large(&'a arrow::array::LargeStringArray),
    /// Utf8View.
    View(&'a arrow::array::StringViewArray),
}

impl<'a> TextColumn<'a> {
    /// Views an array as text; any other type is an error of the caller.
    pub fn new(array: &'a ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Small(array.as_string()),
            DataType::LargeUtf8 => Self::Large(array.as_string()),
            DataType::Utf8View => Self::View(array.as_string_view()),
            other => return exec_err!("expected text, found {other}"),
        })
    }

    /// The value in a row, or `None` for null.
    pub fn get(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Small(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}
