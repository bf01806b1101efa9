//! Reads declarations of variables and of registers.

/// A variable: `.align 8 .b8 name[480]` or `.u64 name`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) align: usize,
    pub(super) bytes: usize,
    /// Bytes of an element.
    pub(super) unit: usize,
}

impl Variable {
    /// Reads a declaration without its state space and without its semicolon.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut align = None;
        if let Some(at) = words.iter().position(|&w| w == ".align") {
            let value =
                words.get(at + 1).and_then(|w| w.parse::<usize>().ok()).filter(|a| a.is_power_of_two());
            align = Some(value.ok_or("an alignment is no power of two")?);
        }
        let unit = words.iter().filter_map(|w| unit(w)).next_back().ok_or("a variable has no type")?;
        let last = words.last().ok_or("a variable has no name")?;
        let (name, count) = match last.split_once('[') {
            Some((name, "]")) => (name, 0),
            Some((name, count)) => {
                let count =
                    count.trim_end_matches(']').parse().map_err(|_| format!("an array of {count}"))?;
                (name, count)
            }
            None => (*last, 1),
        };
        let align = if last.contains('[') { align.unwrap_or(unit) } else { align.unwrap_or(1).max(unit) };
        Ok(Self { name: name.into(), align, bytes: unit * count, unit })
    }

    /// Places it behind `used` bytes; returns where, and advances.
    pub(super) fn place(&self, used: &mut usize) -> usize {
        let at = used.next_multiple_of(self.align);
        *used = at + self.bytes;
        at
    }
}

fn unit(word: &str) -> Option<usize> {
    let bits: usize = word.strip_prefix('.')?.strip_prefix(['b', 'u', 's', 'f'])?.parse().ok()?;
    Some(bits / 8)
}

/// Which file of registers a register lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Predicate,
    Narrow,
    Wide,
}

/// Registers that one declaration makes: `.b32 %r<7>` makes seven, `.pred p` one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Family {
    pub(super) stem: String,
    /// How many, or none for a single register without a number.
    pub(super) count: Option<u32>,
    pub(super) class: Class,
}

/// Reads what stands behind `.reg`.
pub(super) fn registers(text: &str) -> Result<Vec<Family>, String> {
    let (ty, names) = text.split_once(char::is_whitespace).ok_or("a register has no name")?;
    let class = match ty {
        ".pred" => Class::Predicate,
        ".b64" | ".u64" | ".s64" | ".f64" => Class::Wide,
        ".b8" | ".u8" | ".s8" | ".b16" | ".u16" | ".s16" | ".f16" | ".f16x2" | ".bf16" | ".bf16x2"
        | ".b32" | ".u32" | ".s32" | ".f32" => Class::Narrow,
        _ => return Err(format!("registers of type {ty} are not emulated")),
    };
    let family = |name: &str| {
        let name = name.trim();
        let Some((stem, count)) = name.split_once('<') else {
            return Ok(Family { stem: name.into(), count: None, class });
        };
        let count = count.trim_end_matches('>').parse().map_err(|_| format!("{name} registers"))?;
        Ok(Family { stem: stem.into(), count: Some(count), class })
    };
    names.split(',').map(family).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_take_the_alignment_that_is_written_and_scalars_their_own() {
        let array = Variable::parse(".align 16 .b8 sy[8192]").unwrap();
        assert_eq!(array, Variable { name: "sy".into(), align: 16, bytes: 8192, unit: 1 });
        let pointer = Variable::parse(".param .u64 .ptr .align 1 p").unwrap();
        assert_eq!(pointer, Variable { name: "p".into(), align: 8, bytes: 8, unit: 8 });
        let mut used = 5;
        assert_eq!((array.place(&mut used), used), (16, 8208));
    }

    #[test]
    fn a_register_of_128_bits_is_refused() {
        assert!(registers(".b128 %q<2>").is_err());
        let two = registers(".b32 %r<3>, %t").unwrap();
        assert_eq!((two[0].count, two[1].count), (Some(3), None));
    }
}
