//! Where each token lies: segments one after the other, without padding but for an even start.

use std::ops::Range;

use super::row::LANES;

/// One sequence.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    /// Its token slots; the start is even, so that pairs of tokens never straddle two segments.
    pub(super) slots: Range<usize>,
    /// Its first token in the packed input.
    pub(super) token: usize,
}

impl Segment {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The panels that hold its tokens.
    pub(super) fn panels(&self) -> Range<usize> {
        self.slots.start / LANES..self.slots.end.div_ceil(LANES)
    }
}

/// The slots of a batch.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) segments: Vec<Segment>,
    pub(super) panels: usize,
}

impl Plan {
    /// Lays out the sequences between consecutive `offsets`; empty ones get no slots.
    pub(super) fn new(offsets: &[usize]) -> Self {
        let mut start = 0;
        let mut segments = Vec::new();
        for pair in offsets.windows(2).filter(|pair| pair[1] > pair[0]) {
            let slots = start..start + pair[1] - pair[0];
            start = slots.end.next_multiple_of(2);
            segments.push(Segment { slots, token: pair[0] });
        }
        Self { segments, panels: start.div_ceil(LANES) }
    }

    /// Returns the position of a slot in its sequence; 0 for slots without a token.
    pub(super) fn position(&self, slot: usize) -> usize {
        let after = self.segments.partition_point(|segment| segment.slots.start <= slot);
        let Some(segment) = after.checked_sub(1).map(|i| &self.segments[i]) else { return 0 };
        if slot < segment.slots.end { slot - segment.slots.start } else { 0 }
    }

    /// Lists the segments with slots in these panels.
    pub(super) fn within(&self, panels: &Range<usize>) -> &[Segment] {
        let (from, to) = (panels.start * LANES, panels.end * LANES);
        let first = self.segments.partition_point(|segment| segment.slots.end <= from);
        let last = self.segments.partition_point(|segment| segment.slots.start < to);
        &self.segments[first..last.max(first)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_start_at_even_slots_and_know_their_positions() {
        let plan = Plan::new(&[0, 3, 3, 37, 40]);
        let slots: Vec<_> = plan.segments.iter().map(|s| s.slots.clone()).collect();
        assert_eq!(slots, [0..3, 4..38, 38..41]);
        assert_eq!(plan.panels, 2);
        assert_eq!([2, 3, 4, 37, 38, 63].map(|slot| plan.position(slot)), [2, 0, 0, 33, 0, 0]);
        assert_eq!(plan.within(&(0..1)).len(), 2);
        assert_eq!(plan.within(&(1..2)).len(), 2);
        assert_eq!(plan.segments[1].panels(), 0..2);
    }
}
