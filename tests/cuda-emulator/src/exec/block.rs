//! A block of threads: its shared memory, its warps, its barriers.

use super::lanes::WARP;
use super::warp::{Wait, Warp};
use crate::emulator::Settings;
use crate::fault::{Fault, Kind, Trap};
use crate::launch::Launch;
use crate::memory::{Memory, Region, Who};
use crate::ptx::Kernel;
use crate::report::Report;

/// Which block of which launch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Index in the grid.
    pub(crate) at: [u32; 3],
    /// Running number over all launches.
    pub(crate) number: u32,
    /// Number of the first block of the launch.
    pub(crate) first: u32,
}

/// A block that is being executed.
pub(crate) struct Block<'a> {
    pub(super) kernel: &'a Kernel,
    pub(super) launch: &'a Launch,
    pub(super) place: Place,
    pub(super) settings: Settings,
    pub(super) memory: &'a mut Memory,
    pub(super) shared: &'a mut Region,
    pub(super) local: &'a mut [Region],
    pub(super) report: &'a mut Report,
    /// Block barriers passed.
    pub(super) epoch: u32,
    /// Picks the vector instructions of this machine; the numbers do not depend on them.
    pub(super) arch: pulp::Arch,
}

impl<'a> Block<'a> {
    pub(crate) fn new(
        kernel: &'a Kernel,
        launch: &'a Launch,
        place: Place,
        settings: Settings,
        memory: &'a mut Memory,
        (shared, local): (&'a mut Region, &'a mut [Region]),
        report: &'a mut Report,
    ) -> Self {
        let arch = pulp::Arch::new();
        Self { kernel, launch, place, settings, memory, shared, local, report, epoch: 0, arch }
    }

    /// Runs to the end, the warps in the given order.
    pub(crate) fn run(&mut self, order: &[u32]) -> Result<(), Box<Fault>> {
        let make = |index| Warp::new(index, self.kernel, self.launch, self.place.at);
        let mut warps: Vec<Warp> = order.iter().map(|&index| make(index)).collect();
        loop {
            for warp in &mut warps {
                self.run_warp(warp)?;
            }
            if warps.iter().all(|w| w.alive == 0) {
                return Ok(());
            }
            self.release(&mut warps)?;
        }
    }

    /// Lets all threads pass the barrier at which they wait, or says why they cannot.
    fn release(&mut self, warps: &mut [Warp]) -> Result<(), Box<Fault>> {
        let mut waiting = warps.iter().flat_map(|w| w.groups.iter().map(move |g| (w.index, g)));
        let Some((_, first)) = waiting.next() else { return Ok(()) };
        let pc = first.pc;
        if let Some((warp, g)) = waiting.find(|(_, g)| g.pc != pc) {
            let line = self.kernel.code[pc as usize].line;
            let what = format!("threads of one block wait at different barriers: others at PTX line {line}");
            return Err(self.fault(
                warp,
                g.pc,
                Trap::new(Kind::Barrier, what).at(g.mask.trailing_zeros() as usize),
            ));
        }
        if let Some(warp) = warps.iter().find(|w| w.alive != w.born) {
            let lane = (warp.born & !warp.alive).trailing_zeros() as usize;
            let trap = Trap::new(Kind::Barrier, "a barrier waits for this thread, which has ended").at(lane);
            return Err(self.fault(warp.index, pc, trap));
        }
        for g in warps.iter_mut().flat_map(|w| &mut w.groups) {
            g.wait = Wait::Nothing;
            g.pc += 1;
        }
        self.epoch += 1;
        self.report.barriers += 1;
        Ok(())
    }

    /// Says where a rule was broken.
    pub(super) fn fault(&self, warp: u32, pc: u32, trap: Trap) -> Box<Fault> {
        let thread = trap.lane.map(|lane| warp * WARP as u32 + lane as u32);
        let place = crate::report::place(self.kernel, pc);
        Box::new(Fault { kind: trap.kind, place, block: self.place.at, thread, what: trap.what })
    }

    /// Who a lane is, for the search for races; nobody, if they are not searched for.
    #[inline]
    pub(super) fn who(&self, w: &Warp, lane: usize, shared: bool) -> Option<Who> {
        self.settings.races.then(|| Who {
            block: self.place.number,
            since: if shared { self.place.number } else { self.place.first },
            thread: (w.index * WARP as u32) as u16 + lane as u16,
            epoch: self.epoch,
            warp_epoch: w.epoch,
        })
    }
}
