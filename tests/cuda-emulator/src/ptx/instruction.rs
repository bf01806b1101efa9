//! Reads one instruction: guard, name, operands.

use super::body::Body;
use super::operand::{Operand, Special, number};
use super::text::{Location, operands};
use crate::decode::{Op, decode};

/// An instruction with everything resolved.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// Predicate that decides which lanes execute it, and whether it is negated.
    pub guard: Option<(u32, bool)>,
    /// What it does.
    pub(crate) op: Op,
    /// Operands in the order of the text; vectors are flattened, a memory operand is its base and its offset.
    pub args: Vec<Operand>,
    /// Index of the instruction that a branch goes to.
    pub target: u32,
    /// Line of the PTX text, from one.
    pub line: u32,
    /// Where it comes from, if the PTX has line information.
    pub source: Option<Location>,
    /// The instruction as written.
    pub text: String,
}

impl Instruction {
    /// Why it is not emulated, if it is not: executed, it is a fault.
    pub fn unsupported(&self) -> Option<&str> {
        match &self.op {
            Op::Unsupported(why) => Some(why),
            _ => None,
        }
    }
}

/// The text of an instruction, cut but not yet resolved.
pub(super) struct Written<'a> {
    pub(super) guard: Option<&'a str>,
    pub(super) name: Vec<&'a str>,
    pub(super) rest: &'a str,
}

impl<'a> Written<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, String> {
        let (guard, text) = match text.strip_prefix('@') {
            None => (None, text),
            Some(rest) => {
                let (guard, text) =
                    rest.split_once(char::is_whitespace).ok_or("a guard without an instruction")?;
                (Some(guard), text.trim())
            }
        };
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        Ok(Self { guard, name: name.split('.').collect(), rest: rest.trim() })
    }
}

impl Body<'_> {
    /// Resolves an instruction; a branch leaves its label for later.
    pub(super) fn instruction(&mut self, text: &str, line: u32) -> Result<Instruction, String> {
        let written = Written::new(text)?;
        let guard = match written.guard {
            None => None,
            Some(p) => Some(self.scopes.predicate(p).ok_or_else(|| format!("no predicate {p}"))?),
        };
        if written.name[0] == "call" {
            let assertion = written.rest.contains("__assertfail");
            let why =
                if assertion { "an assertion of the kernel does not hold" } else { "calls are not emulated" };
            return Err(why.into());
        }
        // Parameters of calls; those of the kernel cannot be written.
        let prepares = written.name.starts_with(&["st", "param"]);
        let mut args = Vec::new();
        if prepares {
            return Ok(Instruction {
                guard,
                op: Op::Nothing,
                args,
                target: 0,
                line,
                source: self.source,
                text: squeezed(text),
            });
        }
        if written.name[0] == "bra" {
            self.branches.push((self.kernel.code.len(), written.rest.to_string(), line));
        } else {
            for operand in operands(written.rest) {
                self.operand(operand, &mut args)?;
            }
        }
        let op = decode(&written.name, &args, written.rest.starts_with('{'))?;
        Ok(Instruction { guard, op, args, target: 0, line, source: self.source, text: squeezed(text) })
    }

    /// Appends an operand as one, two (memory: base and offset) or more (vectors) entries.
    fn operand(&mut self, text: &str, args: &mut Vec<Operand>) -> Result<(), String> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.trim_end_matches(']').trim();
            let (base, offset) = inner.split_once('+').unwrap_or((inner, "0"));
            let offset = number(offset.trim()).ok_or_else(|| format!("offset {offset}"))?;
            args.push(self.single(base.trim())?);
            args.push(Operand::Number(offset));
        } else if let Some(inner) = text.strip_prefix('{') {
            for part in inner.trim_end_matches('}').split(',') {
                args.push(self.single(part.trim())?);
            }
        } else {
            for part in text.split('|') {
                args.push(self.single(part.trim())?);
            }
        }
        Ok(())
    }

    fn single(&mut self, text: &str) -> Result<Operand, String> {
        if text == "_" {
            return Ok(Operand::Sink);
        }
        if let Some(name) = text.strip_prefix('!') {
            let (p, _) = self.scopes.predicate(name).ok_or_else(|| format!("no predicate {name}"))?;
            return Ok(Operand::Not(p));
        }
        if let Some(register) = self.scopes.find(text) {
            return Ok(register);
        }
        if text.starts_with('%') {
            return Special::parse(text)
                .map(Operand::Special)
                .ok_or_else(|| format!("unknown register {text}"));
        }
        number(text)
            .or_else(|| self.symbol(text))
            .map(Operand::Number)
            .ok_or_else(|| format!("unknown operand {text}"))
    }
}

/// Puts one space wherever there is white space.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
