//! Kernels with one planted bug each: every bug is noticed, at the line where it is, and the clean twins pass.

mod product;
mod sum;
mod transpose;

use cuda_emulator::{Emulator, Error, Habit, Kind, Launch, Report, Settings};
use sha2::{Digest, Sha256};

/// The kernels, as nvcc made them from the source beside them.
const PTX: &str = include_str!("../../kernels/planted.ptx");
const SOURCE: &str = include_str!("../../kernels/planted.cu");

/// How a bug is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noticed {
    /// The launch ends with a fault of this kind, at a source line that holds the text.
    Fault(Kind, &'static str),
    /// The result cannot be copied back, as a part of it was never written.
    Missing,
    /// The result differs from that of the host.
    Wrong,
    /// The result is right, and the report names a habit at a source line that holds the text.
    Habit(Habit, &'static str),
}

/// What a run gave: the launch, the result (if there is one), and what is right.
type Run = (Result<Report, Error>, Result<Vec<f32>, Error>, Vec<f32>);

fn card(settings: Settings) -> Emulator {
    let mut card = Emulator::new(&[PTX]).unwrap();
    card.settings = Settings { instructions: 1_000_000, ..settings };
    card
}

/// A launch whose only parameter is a struct of pointers and, behind them, integers.
fn launch(kernel: &str, pointers: &[u64], integers: &[i32]) -> Launch {
    let mut bytes: Vec<u8> = pointers.iter().flat_map(|p| p.to_le_bytes()).collect();
    bytes.extend(integers.iter().flat_map(|i| i.to_le_bytes()));
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    Launch::new(kernel).param(&bytes)
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn source_line(place: &cuda_emulator::Place) -> &'static str {
    // Of what is inlined from nvcc's headers, the line of the call.
    let own = |s: &&(String, u32)| s.0 == "planted.cu";
    let (_, line) = place.source.iter().chain(&place.caller).find(own).expect("the PTX has line information");
    SOURCE.lines().nth(*line as usize - 1).unwrap()
}

fn notice((report, result, right): &Run) -> Vec<Noticed> {
    let report = match report {
        Err(Error::Fault(fault)) => {
            assert!(fault.thread.is_some(), "{fault}");
            return vec![Noticed::Fault(fault.kind, source_line(&fault.place))];
        }
        Err(other) => panic!("{other}"),
        Ok(report) => report,
    };
    match result {
        Err(Error::Memory { kind: Kind::Uninitialised, .. }) => return vec![Noticed::Missing],
        Err(other) => panic!("{other}"),
        Ok(result) if result != right => return vec![Noticed::Wrong],
        Ok(_) => {}
    }
    report.findings().iter().map(|f| Noticed::Habit(f.habit, source_line(&f.place))).collect()
}

/// Checks that a bug is noticed as it should be, whatever else is noticed of it.
fn check(name: &str, wanted: Noticed, run: &Run) {
    let noticed = notice(run);
    let same = |n: &Noticed| match (n, &wanted) {
        (Noticed::Fault(a, line), Noticed::Fault(b, part)) => a == b && line.contains(part),
        (Noticed::Habit(a, line), Noticed::Habit(b, part)) => a == b && line.contains(part),
        (a, b) => a == b,
    };
    let said = run.0.as_ref().map_or_else(ToString::to_string, |_| "no fault".into());
    assert!(
        noticed.iter().any(same),
        "{name}: {wanted:?} is wanted, and this is noticed: {noticed:?}; {said}"
    );
}

/// Runs a clean twin with warps and blocks in either order: the result must be right to the bit, and nothing may be
/// noticed but the habits that are named.
fn clean(name: &str, habits: &[Habit], run: impl Fn(&str, Settings) -> Run) {
    let orders = [false, true].map(|reverse| Settings { reverse, ..Settings::default() });
    for settings in orders {
        let run = run(name, settings);
        let noticed = notice(&run);
        let known = |n: &Noticed| matches!(n, Noticed::Habit(h, _) if habits.contains(h));
        assert!(noticed.iter().all(known), "{name}: {noticed:?} {:?}", run.0.err().map(|e| e.to_string()));
    }
}

#[test]
fn the_ptx_was_made_from_the_source_beside_it() {
    let recorded = include_str!("../../kernels/planted.digest");
    let digest = |text: &str| Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let value = |key: &str| recorded.lines().find_map(|l| l.strip_prefix(key)).unwrap().trim();
    assert_eq!(value("source"), digest(SOURCE), "planted.cu was changed: run kernels/regenerate");
    assert_eq!(value("ptx"), digest(PTX), "planted.ptx was changed by hand: run kernels/regenerate");
}

#[test]
fn the_emulator_knows_every_instruction_of_the_kernels() {
    let module = cuda_emulator::ptx::parse(PTX).unwrap();
    for kernel in &module.kernels {
        let unknown: Vec<_> = kernel.unsupported().map(|i| (i.line, &i.text)).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", kernel.name);
    }
}

#[test]
fn at_least_eighteen_bugs_are_planted_and_each_is_a_kernel() {
    let bugs: Vec<&str> =
        sum::BUGS.iter().chain(transpose::BUGS).chain(product::BUGS).map(|(name, _)| *name).collect();
    assert!(bugs.len() >= 18);
    let kernels = Emulator::new(&[PTX]).unwrap();
    let clean = ["sum_clean", "transpose_clean", "product_clean"];
    for kernel in kernels.kernels() {
        assert!(bugs.contains(&kernel) || clean.contains(&kernel), "{kernel} is not tested");
    }
    assert_eq!(kernels.kernels().len(), bugs.len() + clean.len());
}
