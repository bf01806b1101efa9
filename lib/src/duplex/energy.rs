//! Holds the free energies of RNA duplexes at 37 °C and 1 M salt, in hundredths of a kcal/mol.
//!
//! Stacks are those of Mathews et al. 2004 (PNAS 101:7287; for Watson–Crick pairs Xia et al. 1998, Biochemistry
//! 37:14719). Loops between the two strands have at most three unpaired nucleotides on either side and get one number by
//! their size and closing pairs, where the full model has tables by sequence; longer ones end the duplex. Dangling ends
//! and structure inside either molecule are left out.

/// A number of hundredths of a kcal/mol.
pub type Energy = i32;

/// What stands for "no duplex ends here": far above every sum that can occur.
pub(super) const NEVER: Energy = 1 << 24;

/// Bringing two strands together.
pub const INITIATION: Energy = 410;
/// Each end of a duplex that is no G–C pair.
pub const TERMINAL: Energy = 50;

/// Kinds of base pair, and none: a position in the tables below.
const KINDS: usize = 7;
/// The kind of two nucleotides that do not pair.
pub(super) const NONE: u8 = 6;

/// The kind of pair of two nucleotides in the order A, C, G, U, other: C–G 0, G–C 1, G–U 2, U–G 3, A–U 4, U–A 5.
pub(super) const PAIR: [[u8; 5]; 5] = [
    [NONE, NONE, NONE, 4, NONE],
    [NONE, NONE, 0, NONE, NONE],
    [NONE, 1, NONE, 2, NONE],
    [5, NONE, 3, NONE, NONE],
    [NONE; 5],
];

/// 5′-ax-3′ on 3′-by-5′, by the kinds of the pairs a–b and x–y; the last row and column are unused.
pub(super) const STACK: [[Energy; KINDS]; KINDS] = {
    // The usual table names the second pair from the other strand: y–x.
    let table: [[Energy; 6]; 6] = [
        [-240, -330, -210, -140, -210, -210],
        [-330, -340, -250, -150, -220, -240],
        [-210, -250, 130, -50, -140, -130],
        [-140, -150, -50, 30, -60, -100],
        [-210, -220, -140, -60, -110, -90],
        [-210, -240, -130, -100, -90, -130],
    ];
    let turned = [1, 0, 3, 2, 5, 4];
    let mut stack = [[0; KINDS]; KINDS];
    let mut a = 0;
    while a < 6 {
        let mut b = 0;
        while b < 6 {
            stack[a][b] = table[a][turned[b]];
            b += 1;
        }
        a += 1;
    }
    stack
};

/// A loop between two pairs: how many nucleotides are unpaired on either strand, what it costs, how much each closing
/// pair adds that is no G–C, and whether the pairs stack across it.
pub(super) struct Loop {
    pub(super) unpaired: [usize; 2],
    pub(super) cost: Energy,
    pub(super) weak: Energy,
    pub(super) stacked: bool,
}

/// The costs of a weak closing pair that occur.
pub(super) const WEAK: [Energy; 3] = [0, 50, 70];

impl Loop {
    /// Gives the place of the cost of its weak closing pairs in [`WEAK`].
    pub(super) const fn class(&self) -> usize {
        match self.weak {
            0 => 0,
            50 => 1,
            _ => 2,
        }
    }
}

/// Every loop that a duplex may hold; the first is none at all.
pub(super) const LOOPS: [Loop; 16] = [
    stacked(0, 0, 0),
    stacked(1, 0, 380),
    stacked(0, 1, 380),
    open(2, 0, 280, 50),
    open(0, 2, 280, 50),
    open(3, 0, 320, 50),
    open(0, 3, 320, 50),
    open(1, 1, 90, 50),
    open(1, 2, 230, 70),
    open(2, 1, 230, 70),
    open(2, 2, 110, 70),
    // From here on: 1.1, 2.0 and 2.0 for four, five and six nucleotides, and 0.6 for each by which the sides differ.
    open(1, 3, 230, 70),
    open(3, 1, 230, 70),
    open(2, 3, 260, 70),
    open(3, 2, 260, 70),
    open(3, 3, 200, 70),
];
/// Rows of the recursion that a loop reaches back over.
pub(super) const REACH: usize = 4;

const fn stacked(a: usize, b: usize, cost: Energy) -> Loop {
    Loop { unpaired: [a, b], cost, weak: 0, stacked: true }
}

const fn open(a: usize, b: usize, cost: Energy, weak: Energy) -> Loop {
    Loop { unpaired: [a, b], cost, weak, stacked: false }
}

/// Tells whether a kind is no G–C pair.
pub(super) const fn weak(kind: u8) -> bool {
    kind > 1
}

/// Tells whether a kind is a G·U pair.
pub(super) const fn wobble(kind: u8) -> bool {
    kind == 2 || kind == 3
}

/// Gives what a loop costs between a pair of kind `a` and the next one, of kind `b`: the rule that the recursion is
/// tested against.
#[cfg(test)]
pub(super) const fn between(step: &Loop, a: u8, b: u8) -> Energy {
    let stack = if step.stacked { STACK[a as usize][b as usize] } else { 0 };
    step.cost + stack + step.weak * (weak(a) as Energy + weak(b) as Energy)
}
