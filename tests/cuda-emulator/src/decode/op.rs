//! What instructions do.

use super::ty::Type;
use crate::value::Short;

/// An operation; its operands stand in the instruction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Op {
    /// Not emulated; says why.
    Unsupported(Box<str>),
    /// Without effect here: hints, fences between threads that the emulator runs in order.
    Nothing,
    Branch,
    Exit,
    Barrier,
    WarpBarrier,
    ActiveMask,
    Shuffle(Shuffle),
    Vote(Vote),
    /// A reduction over the lanes of a warp.
    Reduce(IntegerOp, Type),
    /// Space, type of an element, elements.
    Load(Space, Type, u8),
    Store(Space, Type, u8),
    /// The last word says whether the old value is wanted.
    Atomic(Space, AtomicOp, Type, bool),
    CopyAsync,
    CopyCommit,
    CopyWait,
    CopyWaitAll,
    /// Matrices to load, and whether they are transposed.
    LoadMatrix(u8, bool),
    Mma(Matrix),
    Move,
    /// Several registers into one of so many bits, and back.
    Pack(u32),
    Unpack(u32),
    Select,
    /// The last word says whether the opposite is wanted too.
    Compare(Comparison, Type, Combine, bool),
    /// The same into a register: to, from.
    Set(Comparison, Type, Type),
    /// To, from.
    Convert(Type, Type, Rounding),
    /// Two f32 into one register; the last word says whether the result is cut at zero.
    ConvertPair(Short, bool),
    ConvertTf32,
    /// From a generic address, and to one.
    ToSpace(Space),
    FromSpace(Space),
    /// The last word of this and the next two says whether subnormals are flushed.
    Float(Float, bool),
    /// With a rounding that is not to the nearest.
    Directed(Float, Direction, bool),
    Approximate(Approximate, bool),
    Double(Double),
    /// The last word says whether the registers hold pairs.
    Half(HalfOp, Short, bool),
    Integer(IntegerOp, Type),
    Bits(BitOp, Type),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Param,
    Shared,
    Global,
    Local,
    Generic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shuffle {
    Up,
    Down,
    Butterfly,
    Index,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vote {
    All,
    Any,
    Uniform,
    Ballot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtomicOp {
    Add,
    Min,
    Max,
    And,
    Or,
    Xor,
    Exchange,
    CompareExchange,
}

/// Tensor-core products that are emulated, all with sums in f32: element, then depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matrix {
    Brain16,
    Half16,
    Brain8,
    Half8,
    Tf8,
    Tf4,
}

/// Comparisons; those in `Or…` also hold if an operand is NaN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    OrEqual,
    OrNotEqual,
    OrLess,
    OrLessEqual,
    OrGreater,
    OrGreaterEqual,
    Numbers,
    AnyNan,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Combine {
    No,
    And,
    Or,
    Xor,
}

/// How a conversion rounds to an integer, flushes subnormals and cuts at the ends of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rounding {
    pub(crate) integral: Option<Integral>,
    /// How an integer becomes a float; none is to the nearest.
    pub(crate) direction: Option<Direction>,
    pub(crate) flush: bool,
    pub(crate) saturate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Integral {
    Nearest,
    Zero,
    Down,
    Up,
}

/// Roundings that are not to the nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Zero,
    Down,
    Up,
}

/// Exact f32 operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Float {
    Add,
    Sub,
    Mul,
    Fma,
    Min,
    Max,
    MinNan,
    MaxNan,
    Abs,
    Negate,
    CopySign,
    Divide,
    Sqrt,
    Reciprocal,
}

/// Functions that a card approximates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approximate {
    Exp2,
    Log2,
    Reciprocal,
    ReciprocalSqrt,
    Sqrt,
    Sin,
    Cos,
    Tanh,
    Divide,
}

/// f64 operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Double {
    Add,
    Sub,
    Mul,
    Fma,
    Divide,
    Min,
    Max,
    Abs,
    Negate,
    CopySign,
    Sqrt,
    Reciprocal,
    /// A sum that rounds to zero.
    AddZero,
    /// A first guess of the reciprocal, in the upper half of the register.
    GuessReciprocal,
}

/// Operations on 16-bit floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HalfOp {
    Add,
    Sub,
    Mul,
    Fma,
    Min,
    Max,
    MinNan,
    MaxNan,
    Abs,
    Negate,
    Exp2,
    Tanh,
}

/// Integer arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntegerOp {
    Add,
    Sub,
    MulLow,
    MulHigh,
    MulWide,
    MadLow,
    MadHigh,
    MadWide,
    Divide,
    Remainder,
    Min,
    Max,
    Negate,
    Abs,
    /// |a − b| + c.
    Distance,
    And,
    Or,
    Xor,
}

/// Operations on bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BitOp {
    And,
    Or,
    Xor,
    Not,
    ShiftLeft,
    ShiftRight,
    /// To the left, and whether the distance wraps at 32.
    Funnel(bool, bool),
    Count,
    LeadingZeros,
    Reverse,
    Extract,
    Insert,
    Permute,
    Lookup,
}
