//! Cuts packed sequences into tiles of a few tokens, and tiles into units of parallel work.
//!
//! A tile holds several whole short sequences, or one part of a long one. The cuts depend on the lengths only,
//! never on the number of threads, and so do all sums.

use std::ops::Range;

use crate::nn::{Direction, Segments};

/// Tokens of a tile at most: what a tile needs in the backward then fits into the first-level cache.
pub(super) const ROWS: usize = 16;
/// Channels of a task: many, so that memory is read in long runs …
const CHANNELS: usize = 512;
/// … but fewer, down to this, where there are so few units that tasks would be lacking.
const FEW_CHANNELS: usize = 64;
const FEW_TASKS: usize = 4;
/// Tokens of whole sequences in a unit, at least: each unit costs a set of sums of its own.
const UNIT_ROWS: usize = 128;

/// Consecutive rows of a tile that belong to one sequence, possibly none.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) segment: usize,
    /// Rows of the tile, in the order of the walk.
    pub(super) rows: Range<usize>,
    /// Token of the first row.
    pub(super) token: usize,
    /// The walk of the sequence starts here.
    pub(super) begins: bool,
    /// The walk of the sequence stops here.
    pub(super) ends: bool,
}

/// Some tokens that are processed together.
#[derive(Debug, Clone)]
pub(super) struct Tile {
    pub(super) pieces: Range<usize>,
    pub(super) rows: usize,
    /// Where the state before the first row is kept, if the tile continues a sequence.
    pub(super) checkpoint: Option<usize>,
}

/// All cuts of a batch.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) pieces: Vec<Piece>,
    pub(super) tiles: Vec<Tile>,
    /// Tiles that one thread walks in order.
    pub(super) units: Vec<Range<usize>>,
    pub(super) checkpoints: usize,
    /// Channels of a task at most.
    pub(super) channels: usize,
    /// Step from one row's token to the next one's.
    pub(super) step: isize,
}

impl Plan {
    pub(super) fn new(segments: &Segments, direction: Direction) -> Self {
        let mut plan = Self {
            pieces: Vec::with_capacity(segments.count()),
            tiles: Vec::new(),
            units: Vec::new(),
            checkpoints: 0,
            channels: CHANNELS,
            step: if direction == Direction::Forward { 1 } else { -1 },
        };
        let mut unit = Unit::default();
        for (segment, range) in segments.ranges().enumerate() {
            if range.len() > ROWS {
                plan.close(&mut unit);
                plan.cut(segment, range);
                unit.first_tile = plan.tiles.len();
            } else {
                plan.append(&mut unit, segment, range);
            }
        }
        plan.close(&mut unit);
        let ranges = FEW_TASKS.div_ceil(plan.units.len().max(1));
        plan.channels = (CHANNELS / ranges).next_multiple_of(FEW_CHANNELS);
        plan
    }

    /// Adds a whole short sequence to the open tile.
    fn append(&mut self, unit: &mut Unit, segment: usize, range: Range<usize>) {
        let full = unit.tile_rows + range.len() > ROWS || unit.tile_pieces == ROWS;
        if full {
            self.close_tile(unit);
            if unit.rows >= UNIT_ROWS {
                self.close(unit);
            }
        }
        let rows = unit.tile_rows..unit.tile_rows + range.len();
        unit.tile_rows = rows.end;
        unit.tile_pieces += 1;
        self.pieces.push(Piece { segment, rows, token: self.first(&range), begins: true, ends: true });
    }

    /// Cuts a long sequence into tiles of nearly equal length, which are a unit of their own.
    fn cut(&mut self, segment: usize, range: Range<usize>) {
        let (length, first, first_tile) = (range.len(), self.first(&range), self.tiles.len());
        let count = length.div_ceil(ROWS);
        for part in 0..count {
            let (start, end) = (part * length / count, (part + 1) * length / count);
            let begins = part == 0;
            let checkpoint = (!begins).then(|| {
                self.checkpoints += 1;
                self.checkpoints - 1
            });
            let at = self.pieces.len();
            self.pieces.push(Piece {
                segment,
                rows: 0..end - start,
                token: first.wrapping_add_signed(self.step * start as isize),
                begins,
                ends: part + 1 == count,
            });
            self.tiles.push(Tile { pieces: at..at + 1, rows: end - start, checkpoint });
        }
        self.units.push(first_tile..self.tiles.len());
    }

    fn close_tile(&mut self, unit: &mut Unit) {
        if unit.tile_pieces > 0 {
            let end = self.pieces.len();
            let pieces = end - unit.tile_pieces..end;
            self.tiles.push(Tile { pieces, rows: unit.tile_rows, checkpoint: None });
            unit.rows += unit.tile_rows.max(1);
            (unit.tile_rows, unit.tile_pieces) = (0, 0);
        }
    }

    fn close(&mut self, unit: &mut Unit) {
        self.close_tile(unit);
        if unit.first_tile < self.tiles.len() {
            self.units.push(unit.first_tile..self.tiles.len());
        }
        *unit = Unit { first_tile: self.tiles.len(), ..Unit::default() };
    }

    fn first(&self, range: &Range<usize>) -> usize {
        if self.step > 0 || range.is_empty() { range.start } else { range.end - 1 }
    }
}

/// The open unit of short sequences.
#[derive(Default)]
struct Unit {
    first_tile: usize,
    rows: usize,
    tile_rows: usize,
    tile_pieces: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_walked_once_and_in_order() {
        let lengths = [3, 0, 16, 17, 0, 1, 200, 5, 5, 5, 5, 0, 33];
        let segments = Segments::from_lengths(lengths);
        for direction in [Direction::Forward, Direction::Reverse] {
            let plan = Plan::new(&segments, direction);
            let mut walks = vec![Vec::new(); lengths.len()];
            let mut bounds = vec![(0, 0); lengths.len()];
            let tiles: Vec<usize> = plan.units.iter().cloned().flatten().collect();
            assert_eq!(tiles, (0..plan.tiles.len()).collect::<Vec<_>>());
            for tile in &plan.tiles {
                assert!(tile.rows <= ROWS && tile.pieces.len() <= ROWS);
                for piece in &plan.pieces[tile.pieces.clone()] {
                    bounds[piece.segment].0 += usize::from(piece.begins);
                    bounds[piece.segment].1 += usize::from(piece.ends);
                    assert_eq!(piece.begins, tile.checkpoint.is_none());
                    let token = |j: usize| piece.token.wrapping_add_signed(plan.step * j as isize);
                    walks[piece.segment].extend((0..piece.rows.len()).map(token));
                }
            }
            for (range, mut walk) in segments.ranges().zip(walks) {
                if direction == Direction::Reverse {
                    walk.reverse();
                }
                assert_eq!(walk, range.collect::<Vec<_>>());
            }
            assert!(bounds.iter().all(|&b| b == (1, 1)));
        }
    }
}
