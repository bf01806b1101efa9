//! Fragments of matrices: `ldmatrix` and `mma.sync`, with the layouts of the PTX manual.

use super::access::Bytes;
use super::block::Block;
use super::lanes::{FULL, Lanes, NOWHERE, WARP, has};
use super::step::Step;
use super::warp::{Wait, Warp};
use crate::decode::{Matrix, Space};
use crate::fault::Trap;
use crate::ptx::Instruction;
use crate::value::{Short, tf32};

impl Block<'_> {
    /// Loads `count` matrices of 8 × 8 elements of 16 bits; eight lanes each give the rows of one.
    pub(super) fn load_matrix(
        &mut self,
        w: &mut Warp,
        i: &Instruction,
        pc: u32,
        mask: u32,
        count: usize,
        transposed: bool,
    ) -> Result<Step, Trap> {
        if mask != FULL {
            return Ok(Step::Wait(Wait::Warp));
        }
        let giving = FULL >> (WARP - 8 * count);
        let at = self.addresses(w, i, count, giving, Space::Shared)?;
        self.count(w, pc, &at, giving, 16);
        for k in 0..count {
            let (mut rows, mut known) = ([[0u16; 8]; 8], true);
            for (r, row) in rows.iter_mut().enumerate() {
                let mut bytes = Bytes::new();
                self.fetch(w, 8 * k + r, at[8 * k + r], 16, &mut bytes)?;
                *row =
                    std::array::from_fn(|c| u16::from_le_bytes([bytes.data[2 * c], bytes.data[2 * c + 1]]));
                known &= bytes.known.iter().all(|&k| k);
            }
            let x = std::array::from_fn(|lane| {
                let (r, c) = (lane / 4, lane % 4 * 2);
                let (low, high) =
                    if transposed { (rows[c][r], rows[c + 1][r]) } else { (rows[r][c], rows[r][c + 1]) };
                u32::from(low) | u32::from(high) << 16
            });
            let (known, from) = if known { (FULL, NOWHERE) } else { (0, pc) };
            w.set_narrow(i.args[k], mask, &Lanes { x, known, from });
        }
        Ok(Step::Next)
    }
}

impl Warp {
    /// D (16 × 8) = A (16 × depth, row-major) · B (depth × 8, column-major) + C; sums in f64, rounded once to f32.
    pub(super) fn mma(&mut self, i: &Instruction, mask: u32, kind: Matrix) -> Step {
        if mask != FULL {
            return Step::Wait(Wait::Warp);
        }
        let form = Form::of(kind);
        let (na, nb) =
            (form.depth * 16 / form.per_register / WARP, form.depth * 8 / form.per_register / WARP);
        let read = |from: usize, n: usize| {
            i.args[from..from + n].iter().map(|&o| self.narrow(o)).collect::<Vec<_>>()
        };
        let (a, b, c) = (read(4, na), read(4 + na, nb), read(4 + na + nb, 4));
        let mut from = NOWHERE;
        let (mut rows, mut row_known) = ([[0.0; 16]; 16], [true; 16]);
        let (mut columns, mut column_known) = ([[0.0; 16]; 8], [true; 8]);
        for k in 0..form.depth {
            for (r, row) in rows.iter_mut().enumerate() {
                let (register, lane, part) = form.a(r, k);
                row[k] = form.element(a[register].x[lane], part);
                if !has(a[register].known, lane) {
                    (row_known[r], from) = (false, a[register].from);
                }
            }
            for (n, column) in columns.iter_mut().enumerate() {
                let (register, lane, part) = form.b(k, n);
                column[k] = form.element(b[register].x[lane], part);
                if !has(b[register].known, lane) {
                    (column_known[n], from) = (false, b[register].from);
                }
            }
        }
        for (k, c) in c.iter().enumerate() {
            let mut out = Lanes { from: if from == NOWHERE { c.from } else { from }, ..*c };
            for lane in 0..WARP {
                let (row, column) = (lane / 4 + k / 2 * 8, lane % 4 * 2 + k % 2);
                let sum: f64 = rows[row].iter().zip(&columns[column]).map(|(a, b)| a * b).sum();
                out.x[lane] = ((f64::from(f32::from_bits(c.x[lane])) + sum) as f32).to_bits();
                out.known &= !(u32::from(!(row_known[row] && column_known[column])) << lane);
            }
            self.set_narrow(i.args[k], mask, &out);
        }
        Step::Next
    }
}

/// How the elements of a product are spread over registers and lanes.
struct Form {
    depth: usize,
    /// Elements in a register: two of 16 bits, or one of 32.
    per_register: usize,
    /// None for `tf32`.
    short: Option<Short>,
}

impl Form {
    fn of(kind: Matrix) -> Self {
        match kind {
            Matrix::Brain16 => Self { depth: 16, per_register: 2, short: Some(Short::Brain) },
            Matrix::Half16 => Self { depth: 16, per_register: 2, short: Some(Short::Half) },
            Matrix::Brain8 => Self { depth: 8, per_register: 2, short: Some(Short::Brain) },
            Matrix::Half8 => Self { depth: 8, per_register: 2, short: Some(Short::Half) },
            Matrix::Tf8 => Self { depth: 8, per_register: 1, short: None },
            Matrix::Tf4 => Self { depth: 4, per_register: 1, short: None },
        }
    }

    /// Register, lane and part of the register of an element of A.
    fn a(&self, row: usize, k: usize) -> (usize, usize, usize) {
        let wide = 4 * self.per_register;
        (row / 8 + 2 * (k / wide), row % 8 * 4 + k % wide / self.per_register, k % self.per_register)
    }

    /// The same of an element of B.
    fn b(&self, k: usize, column: usize) -> (usize, usize, usize) {
        let wide = 4 * self.per_register;
        (k / wide, column * 4 + k % wide / self.per_register, k % self.per_register)
    }

    fn element(&self, register: u32, part: usize) -> f64 {
        f64::from(match self.short {
            Some(kind) => kind.widen((register >> (16 * part)) as u16),
            None => tf32(register),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_lie_where_the_manual_puts_them() {
        let half = Form::of(Matrix::Half16);
        // a4, a5: row group, columns 2 t + 8 and 2 t + 9; a6, a7: row group + 8.
        assert_eq!(half.a(3, 8 + 5), (2, 3 * 4 + 2, 1));
        assert_eq!(half.a(3 + 8, 8 + 4), (3, 3 * 4 + 2, 0));
        assert_eq!(half.b(8 + 5, 6), (1, 6 * 4 + 2, 1));
        let tf = Form::of(Matrix::Tf8);
        // a1: row group + 8, column t; a2: row group, column t + 4.
        assert_eq!((tf.a(9, 2), tf.a(1, 6), tf.b(6, 5)), ((1, 6, 0), (2, 6, 0), (1, 22, 0)));
    }
}
