//! The product of matrices that candle asks of cuBLAS, in plain loops.

use cuda_emulator::value::Short;
use cuda_emulator::{Error, Memory};

use crate::call::Refusal;
use crate::driver::{Driver, Handle};
use crate::stream::Work;

/// Type of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// f32.
    Single,
    /// f64.
    Double,
    /// f16 or bf16.
    Short(Short),
}

impl Element {
    /// Finds a type by its number in `library_types.h`.
    pub(crate) fn of(number: i32) -> Option<Self> {
        match number {
            0 => Some(Self::Single),
            1 => Some(Self::Double),
            2 => Some(Self::Short(Short::Half)),
            14 => Some(Self::Short(Short::Brain)),
            _ => None,
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::Single => 4,
            Self::Double => 8,
            Self::Short(_) => 2,
        }
    }

    fn read(self, bytes: &[u8]) -> Vec<f64> {
        match self {
            Self::Single => bytes.as_chunks().0.iter().map(|&b| f64::from(f32::from_le_bytes(b))).collect(),
            Self::Double => bytes.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect(),
            Self::Short(kind) => {
                bytes.as_chunks().0.iter().map(|&b| f64::from(kind.widen(u16::from_le_bytes(b)))).collect()
            }
        }
    }

    fn write(self, values: &[f64]) -> Vec<u8> {
        match self {
            Self::Single => values.iter().flat_map(|&v| (v as f32).to_le_bytes()).collect(),
            Self::Double => values.iter().flat_map(|&v| v.to_le_bytes()).collect(),
            Self::Short(kind) => values.iter().flat_map(|&v| kind.round64(v).to_le_bytes()).collect(),
        }
    }
}

/// A batch of matrices, column-major.
#[derive(Debug, Clone, Copy)]
pub struct Matrix {
    /// Address of the first.
    pub at: u64,
    /// Type of an element.
    pub element: Element,
    /// Elements from one column to the next.
    pub leading: usize,
    /// Elements from one matrix to the next.
    pub stride: i64,
    /// Whether it is used transposed.
    pub transposed: bool,
}

impl Matrix {
    fn column(&self, batch: usize, column: usize) -> u64 {
        let element = batch as i64 * self.stride + (column * self.leading) as i64;
        self.at.wrapping_add_signed(element * self.element.bytes() as i64)
    }

    /// Reads a matrix of `rows` × `columns` as it is used, row by row.
    fn rows(
        &self,
        memory: &mut Memory,
        batch: usize,
        rows: usize,
        columns: usize,
    ) -> Result<Vec<f64>, Error> {
        let (height, width) = if self.transposed { (columns, rows) } else { (rows, columns) };
        let mut out = vec![0.0; rows * columns];
        for j in 0..width {
            let bytes = memory.read(self.column(batch, j), height * self.element.bytes())?;
            for (i, value) in self.element.read(bytes).into_iter().enumerate() {
                out[if self.transposed { j * columns + i } else { i * columns + j }] = value;
            }
        }
        Ok(out)
    }
}

/// C = alpha · A · B + beta · C, for each of a batch. Sums are taken in f64 and rounded once.
#[derive(Debug, Clone, Copy)]
pub struct Gemm {
    /// Rows of C, columns of C, depth.
    pub size: [usize; 3],
    /// Products.
    pub batch: usize,
    /// Left factor.
    pub a: Matrix,
    /// Right factor.
    pub b: Matrix,
    /// Result; never transposed.
    pub c: Matrix,
    /// Weight of the product.
    pub alpha: f64,
    /// Weight of what C held; at zero it is not read.
    pub beta: f64,
}

impl Gemm {
    pub(crate) fn perform(&self, memory: &mut Memory) -> Result<(), Refusal> {
        let [m, n, k] = self.size;
        let named =
            |name: &str, e: &Error| Refusal::new(crate::Status::of(e), format!("cublas, {name}: {e}"));
        for batch in 0..self.batch {
            let a = self.a.rows(memory, batch, m, k).map_err(|e| named("A", &e))?;
            // The columns of B are the rows of its transpose.
            let flipped = Matrix { transposed: !self.b.transposed, ..self.b };
            let b = flipped.rows(memory, batch, n, k).map_err(|e| named("B", &e))?;
            for j in 0..n {
                let at = self.c.column(batch, j);
                let mut column: Vec<f64> = (0..m)
                    .map(|i| self.alpha * dot(&a[i * k..(i + 1) * k], &b[j * k..(j + 1) * k]))
                    .collect();
                if self.beta != 0.0 {
                    let held = memory.read(at, m * self.c.element.bytes()).map_err(|e| named("C", &e))?;
                    let held = self.c.element.read(held);
                    column.iter_mut().zip(held).for_each(|(c, held)| *c += self.beta * held);
                }
                memory.write(at, &self.c.element.write(&column)).map_err(|e| named("C", &e))?;
            }
        }
        Ok(())
    }
}

/// Sums eight by eight, always in the same order.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, ar), (b, br)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + ar.iter().zip(br).map(|(a, b)| a * b).sum::<f64>()
}

impl Driver {
    /// Makes a handle of cuBLAS.
    pub fn blas_create(&mut self) -> Handle {
        let handle = self.handle();
        self.blas.insert(handle, Self::LEGACY);
        handle
    }

    /// Sets the stream of a handle.
    ///
    /// # Errors
    /// If the stream is none.
    pub fn blas_stream(&mut self, handle: Handle, stream: Handle) -> Result<(), Refusal> {
        self.stream(stream)?;
        self.blas.insert(handle, stream);
        Ok(())
    }

    /// Multiplies in the order of the handle's stream.
    ///
    /// # Errors
    /// If the handle is none.
    pub fn gemm(&mut self, handle: Handle, gemm: Gemm) -> Result<(), Refusal> {
        let stream = *self
            .blas
            .get(&handle)
            .ok_or_else(|| Refusal::invalid("what is given is no handle of cuBLAS"))?;
        self.put(stream, Work::Gemm(Box::new(gemm))).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_right_in_every_layout() {
        let (m, n, k) = (3, 2, 11);
        let value = |i: usize| (i * 7 % 5) as f64 - 2.0;
        for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
            let mut memory = Memory::default();
            let mut matrix = |len: usize, leading: usize, transposed: bool| {
                let at = memory.alloc(4 * len, "matrix");
                let values: Vec<f64> = (0..len).map(value).collect();
                memory.write(at, &Element::Single.write(&values)).unwrap();
                Matrix { at, element: Element::Single, leading, stride: 0, transposed }
            };
            let (la, lb) = (if ta { k } else { m } + 1, if tb { n } else { k } + 2);
            let (a, b) = (matrix(60, la, ta), matrix(60, lb, tb));
            let c = matrix(m * n, m, false);
            Gemm { size: [m, n, k], batch: 1, a, b, c, alpha: 2.0, beta: -1.0 }.perform(&mut memory).unwrap();
            let got = Element::Single.read(memory.read_all(c.at).unwrap());
            for j in 0..n {
                for i in 0..m {
                    let a = |p: usize| value(if ta { p + i * la } else { i + p * la });
                    let b = |p: usize| value(if tb { j + p * lb } else { p + j * lb });
                    let sum: f64 = (0..k).map(|p| a(p) * b(p)).sum();
                    assert_eq!(got[i + j * m], 2.0 * sum - value(i + j * m), "{ta} {tb} {i} {j}");
                }
            }
        }
    }
}
