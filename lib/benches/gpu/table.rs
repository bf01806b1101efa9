//! The table of what was timed, and the peers beside.

use std::process::Command;

const HEADING: &str = "bench\tcase\tours\tpeer_name\tpeer\tunit\tratio\tlimit\n";

#[derive(Default)]
pub(crate) struct Table {
    pub(crate) only: String,
    pub(crate) tiny: bool,
    pub(crate) output: Option<String>,
    peers: Vec<(String, String)>,
    text: String,
}

/// What a peer said: its name, and milliseconds.
pub(crate) type Said = (String, Vec<f64>);

/// One case.
pub(crate) struct Row<'a> {
    pub(crate) case: &'a str,
    /// Nothing where it did not fit the card.
    pub(crate) ours: Option<f64>,
    pub(crate) unit: &'a str,
    /// Whether more is better.
    pub(crate) rate: bool,
    pub(crate) limit: Option<f64>,
}

impl Table {
    /// Takes `NAME=PROGRAM`.
    pub(crate) fn add_peer(&mut self, peer: &str) {
        let (name, program) = peer.split_once('=').unwrap_or((peer, ""));
        self.peers.push((name.to_owned(), program.to_owned()));
    }

    /// Says on which card everything is timed.
    pub(crate) fn begin(&mut self, card: &str) {
        self.say(&format!("# {card}\n"));
        if self.tiny {
            self.say("# TINY SIZES, FOR THE EMULATED CARD: THESE TIMES MEAN NOTHING\n");
        }
        self.say(HEADING);
    }

    pub(crate) fn wants(&self, case: &str) -> bool {
        case.contains(&self.only)
    }

    /// Asks every peer for a case; those that fail or do not have it say nothing.
    pub(crate) fn ask(&self, sizes: &[String]) -> Vec<Said> {
        let of =
            |(name, program): &(String, String)| (name.clone(), peer(program, sizes).unwrap_or_default());
        self.peers.iter().map(of).collect()
    }

    /// Writes a row for each peer that said something, or else one without a peer. The figure of a peer is in the unit.
    pub(crate) fn row(&mut self, row: &Row<'_>, peers: Vec<(String, f64)>) {
        let show = |x: Option<f64>| x.map_or("NA".to_owned(), |x| format!("{x:.4}"));
        let mut peers: Vec<_> = peers.into_iter().map(|(name, figure)| (name, Some(figure))).collect();
        if peers.is_empty() {
            peers.push(("none".to_owned(), None));
        }
        for (name, peer) in peers {
            // Above 1 we are faster.
            let ratio =
                peer.zip(row.ours).map(|(peer, ours)| if row.rate { ours / peer } else { peer / ours });
            self.say(&format!(
                "gpu\t{}\t{}\t{name}\t{}\t{}\t{}\t{}\n",
                row.case,
                show(row.ours),
                show(peer),
                row.unit,
                show(ratio),
                show(row.limit)
            ));
        }
    }

    /// Prints and keeps, so that nothing is lost when the time is up.
    fn say(&mut self, text: &str) {
        print!("{text}");
        self.text.push_str(text);
        if let Some(output) = &self.output
            && let Err(error) = std::fs::write(output, &self.text)
        {
            eprintln!("bench gpu: {output}: {error}");
        }
    }
}

/// Runs a peer, a program or an interpreter and its script, once; `None` if it fails or has no such case.
fn peer(program: &str, sizes: &[String]) -> Option<Vec<f64>> {
    let mut words = program.split_whitespace();
    let output = Command::new(words.next()?).args(words).args(sizes).output().ok()?;
    String::from_utf8(output.stdout).ok()?.split_whitespace().map(|word| word.parse().ok()).collect()
}

/// Gives a time, or nothing, with the reason on stderr, where a card refuses.
pub(crate) fn told<T, E: std::fmt::Display>(case: &str, time: Result<T, E>) -> Option<T> {
    time.map_err(|error| eprintln!("bench gpu: {case}: {error}")).ok()
}
