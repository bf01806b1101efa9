//! Reads the tables of a module: arrays with values, in constant or global memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::TABLES;
use super::declare::Variable;
use super::operand::number;

/// Finds `.const .align 4 .b8 name[24] = {65, 144, …};`, for any element and space; gives where each begins, and the
/// bytes of all. What has no values, or values that are addresses, is left out: its name stays unknown.
pub(super) fn tables(text: &str) -> (HashMap<String, u64>, Arc<[u8]>) {
    let (mut places, mut bytes) = (HashMap::new(), Vec::new());
    for statement in text.split(';') {
        let Some((head, values)) = statement.split_once('=') else { continue };
        let head = head.rsplit(['}', '\n']).next().unwrap_or(head);
        let head = head.trim().trim_start_matches(".visible").trim_start_matches(".extern").trim();
        let Some(head) = head.strip_prefix(".const").or_else(|| head.strip_prefix(".global")) else {
            continue;
        };
        let Ok(variable) = Variable::parse(head) else { continue };
        let values = values.trim().trim_start_matches('{').trim_end_matches('}');
        let values: Option<Vec<u64>> = values.split(',').map(|v| number(v.trim())).collect();
        let Some(values) = values else { continue };
        let mut used = bytes.len();
        let at = variable.place(&mut used);
        bytes.resize(used, 0);
        let unit = variable.unit;
        for (place, value) in bytes[at..].chunks_mut(unit).zip(values) {
            place.copy_from_slice(&value.to_le_bytes()[..place.len()]);
        }
        places.insert(variable.name, TABLES + at as u64);
    }
    (places, bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_laid_out_one_behind_the_other() {
        let text = ".version 8.0
.global .align 1 .b8 $str[3] = {104, 105};
.const .align 4 .u32 six[2] = {0x10203040, 7};
.global .u64 at = $str;
.visible .entry k() { setp.eq.s32 %p1, %r1, 0; }";
        let (places, bytes) = tables(text);
        assert_eq!(bytes[..], [104, 105, 0, 0, 0x40, 0x30, 0x20, 0x10, 7, 0, 0, 0]);
        assert_eq!((places["$str"], places["six"], places.len()), (TABLES, TABLES + 4, 2));
    }
}
