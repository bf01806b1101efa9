//! Decides which lanes of a warp go on: those at the lowest instruction first, until they meet the others.

use super::block::Block;
use super::lanes::has;
use super::step::Step;
use super::warp::{Group, Wait, Warp};
use crate::decode::Op;
use crate::fault::{Fault, Kind, Trap};
use crate::ptx::Instruction;

impl Block<'_> {
    /// Runs a warp until all of its lanes have ended or wait at one block barrier.
    pub(super) fn run_warp(&mut self, w: &mut Warp) -> Result<(), Box<Fault>> {
        while let Some(at) = lowest(&w.groups) {
            let group = w.groups.swap_remove(at);
            self.run_group(w, group)?;
        }
        if let Some(g) = w.groups.iter().find(|g| g.wait == Wait::Warp) {
            let what = "a warp function waits for lanes that have ended or wait elsewhere";
            return Err(self.blame(w, *g, Trap::new(Kind::Lanes, what)));
        }
        if let [first, second, ..] = w.groups[..] {
            let line = self.kernel.code[second.pc as usize].line;
            let what = format!("lanes of one warp reach a barrier apart: others wait at PTX line {line}");
            return Err(self.blame(w, first, Trap::new(Kind::Barrier, what)));
        }
        Ok(())
    }

    /// Runs lanes until they end, wait, split, or reach a place where others should go on first.
    fn run_group(&mut self, w: &mut Warp, mut g: Group) -> Result<(), Box<Fault>> {
        let kernel = self.kernel;
        loop {
            // Lanes that come to the same place go on together, also with those that wait there.
            if let Some(o) = w.groups.iter().position(|o| o.pc == g.pc && o.wait != Wait::Block) {
                g.mask |= w.groups.swap_remove(o).mask;
                continue;
            }
            if w.groups.iter().any(|o| o.wait == Wait::Nothing && o.pc < g.pc) {
                w.groups.push(g);
                return Ok(());
            }
            let Some(i) = kernel.code.get(g.pc as usize) else {
                g.pc = g.pc.saturating_sub(1);
                return Err(self.blame(w, g, Trap::new(Kind::Unsupported, "the code ends without a return")));
            };
            let mask = self.guarded(w, i, g)?;
            self.report.executed(g.pc, mask);
            if self.report.instructions > self.settings.instructions {
                let what = format!("{} instructions did not end the launch", self.settings.instructions);
                return Err(self.blame(w, g, Trap::new(Kind::Endless, what)));
            }
            match (&i.op, mask) {
                (_, 0) => g.pc += 1,
                (Op::Branch, _) if mask == g.mask => g.pc = i.target,
                (Op::Branch, _) => {
                    self.report.divergent(g.pc, self.place.at, w.index * 32 + mask.trailing_zeros());
                    w.groups.push(Group { pc: i.target, mask, wait: Wait::Nothing });
                    w.groups.push(Group { pc: g.pc + 1, mask: g.mask & !mask, wait: Wait::Nothing });
                    return Ok(());
                }
                (Op::Exit, _) => {
                    w.alive &= !mask;
                    g.mask &= !mask;
                    if g.mask == 0 {
                        return Ok(());
                    }
                    g.pc += 1;
                }
                _ => match self.step(w, i, g.pc, mask) {
                    Ok(Step::Next) => g.pc += 1,
                    Ok(Step::Wait(wait)) => {
                        w.groups.push(Group { wait, ..g });
                        return Ok(());
                    }
                    Err(trap) => return Err(self.fault(w.index, g.pc, trap)),
                },
            }
        }
    }

    /// The lanes whose guard lets them execute the instruction.
    #[inline]
    fn guarded(&self, w: &Warp, i: &Instruction, g: Group) -> Result<u32, Box<Fault>> {
        let Some((p, negated)) = i.guard else { return Ok(g.mask) };
        let (bits, known, from) = w.predicate(p);
        if known & g.mask != g.mask {
            let trap = self.unknown("a branch or a guard depends on a value that", g.mask & !known, from);
            return Err(self.fault(w.index, g.pc, trap));
        }
        Ok(g.mask & if negated { !bits } else { bits })
    }

    /// What is said of a value that was never set, by the first of some lanes.
    pub(super) fn unknown(&self, what: &str, mask: u32, from: u32) -> Trap {
        let origin = self.kernel.code.get(from as usize).map_or_else(String::new, |load| {
            let source =
                self.kernel.source(load).map_or_else(String::new, |(file, line)| format!(", {file}:{line}"));
            format!(" (memory that nobody wrote was read at PTX line {}{source})", load.line)
        });
        let lane = (0..32).find(|&lane| has(mask, lane)).unwrap_or(0);
        Trap::new(Kind::Uninitialised, format!("{what} was never set{origin}")).at(lane)
    }

    fn blame(&self, w: &Warp, g: Group, trap: Trap) -> Box<Fault> {
        self.fault(w.index, g.pc, trap.at(g.mask.trailing_zeros() as usize))
    }
}

fn lowest(groups: &[Group]) -> Option<usize> {
    (0..groups.len()).filter(|&g| groups[g].wait == Wait::Nothing).min_by_key(|&g| groups[g].pc)
}
