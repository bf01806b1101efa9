//! Writes tables as Apache Parquet.
//!
//! Source: the Apache Parquet file format, <https://parquet.apache.org/docs/file-format/>.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::{Cell, Holds};
use crate::io::rounded;

/// The rows that are kept in memory and written together.
const GROUP: usize = 1 << 16;

/// Gives an error as it is known everywhere else: what the file system says is not wrapped.
fn unwrapped(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(inner) => *inner,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

/// A table that is written in groups of rows, column by column; every column is optional.
pub(super) struct ParquetRows<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Values>,
    rows: usize,
}

/// The cells of one column of a group: what is known, and for each row whether it is.
struct Values {
    known: Known,
    levels: Vec<i16>,
}

enum Known {
    Text(Vec<ByteArray>),
    Number(Vec<f64>),
    Count(Vec<i64>),
}

impl<W: Write + Send> ParquetRows<W> {
    /// Writes the head of a file.
    pub(super) fn start(out: W, columns: &[(&'static str, Holds)]) -> io::Result<Self> {
        let fields = columns.iter().map(|&(name, holds)| field(name, holds).map(Arc::new));
        let schema = fields
            .collect::<Result<Vec<_>, _>>()
            .and_then(|fields| Type::group_type_builder("table").with_fields(fields).build());
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let file = schema
            .and_then(|schema| SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)))
            .map_err(unwrapped)?;
        let columns = columns.iter().map(|&(_, holds)| Values::new(holds)).collect();
        Ok(Self { file, columns, rows: 0 })
    }

    /// Takes one row, a cell for each column.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        for (column, &cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell)?;
        }
        self.rows += 1;
        if self.rows == GROUP { self.group() } else { Ok(()) }
    }

    /// Writes what is left, and the foot, without which nobody can read the file.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.group()?;
        }
        self.file.close().map_err(unwrapped)?;
        Ok(())
    }

    fn group(&mut self) -> io::Result<()> {
        self.rows = 0;
        let mut group = self.file.next_row_group().map_err(unwrapped)?;
        let mut columns = self.columns.iter_mut();
        columns.try_for_each(|column| column.write(&mut group)).map_err(unwrapped)?;
        group.close().map_err(unwrapped)?;
        Ok(())
    }
}

impl Values {
    fn new(holds: Holds) -> Self {
        let known = match holds {
            Holds::Text => Known::Text(Vec::new()),
            Holds::Number => Known::Number(Vec::new()),
            Holds::Count => Known::Count(Vec::new()),
        };
        Self { known, levels: Vec::new() }
    }

    fn push(&mut self, cell: Cell<'_>) -> io::Result<()> {
        match (&mut self.known, cell) {
            (_, Cell::Unknown) => {}
            (Known::Text(all), Cell::Text(text)) => all.push(text.into()),
            // As many digits as in the other forms.
            (Known::Number(all), Cell::Number(value)) => all.push(rounded(value)),
            (Known::Number(all), Cell::Exact(value)) => all.push(value),
            (Known::Count(all), Cell::Count(count)) => all.push(count as i64),
            (_, cell) => {
                return Err(io::Error::other(format!(
                    "the cell {cell:?} is of another kind than its column"
                )));
            }
        }
        self.levels.push(i16::from(cell != Cell::Unknown));
        Ok(())
    }

    fn write<W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        let levels = std::mem::take(&mut self.levels);
        match &mut self.known {
            Known::Text(all) => write::<ByteArrayType, W>(group, &std::mem::take(all), &levels),
            Known::Number(all) => write::<DoubleType, W>(group, &std::mem::take(all), &levels),
            Known::Count(all) => write::<Int64Type, W>(group, &std::mem::take(all), &levels),
        }
    }
}

fn write<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    levels: &[i16],
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("more columns than in the head".to_owned()));
    };
    column.typed::<T>().write_batch(values, Some(levels), None)?;
    column.close()
}

fn field(name: &str, holds: Holds) -> Result<Type, ParquetError> {
    let (physical, logical) = match holds {
        Holds::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Holds::Number => (Physical::DOUBLE, None),
        Holds::Count => (Physical::INT64, None),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}
