//! The symbols of the chemical elements, as SMILES strings hold them.

/// The elements in the order of their numbers, from 1.
const ELEMENTS: [&str; 118] = [
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar", "K",
    "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr",
    "Rb", "Sr", "Y", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe",
    "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu",
    "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra",
    "Ac", "Th", "Pa", "U", "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es", "Fm", "Md", "No", "Lr", "Rf", "Db",
    "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc", "Lv", "Ts", "Og",
];
/// The elements that may be written in lower case inside brackets, as members of an aromatic ring.
const AROMATIC: [&str; 10] = ["b", "c", "n", "o", "p", "s", "as", "se", "si", "te"];

/// Divides what stands inside the brackets of an atom, its isotope left out, into the symbol and the rest.
///
/// `*` is a symbol, and so is `#` with the number of an element, which gives the element's own symbol, or `*` for 0.
pub(crate) fn split_symbol(atom: &[u8]) -> Option<(&str, &[u8])> {
    if let Some(rest) = atom.strip_prefix(b"#") {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let number: usize = str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let symbol = number.checked_sub(1).map_or(Some("*"), |at| ELEMENTS.get(at).copied())?;
        return Some((symbol, &rest[digits..]));
    }
    let known = |length: usize| {
        let symbol = str::from_utf8(atom.get(..length)?).ok()?;
        (symbol == "*" || AROMATIC.contains(&symbol) || ELEMENTS.contains(&symbol))
            .then_some((symbol, &atom[length..]))
    };
    known(2).or_else(|| known(1))
}

#[cfg(test)]
mod tests {
    use super::split_symbol;

    #[test]
    fn the_longest_symbol_counts_and_numbers_stand_for_symbols() {
        let split = |text: &'static str| split_symbol(text.as_bytes()).map(|(symbol, _)| symbol);
        assert_eq!([split("Cl-"), split("CH3"), split("nH"), split("se")], ["Cl", "C", "n", "se"].map(Some));
        assert_eq!(
            [split("#6H4"), split("#118"), split("#0"), split("*:1")],
            ["C", "Og", "*", "*"].map(Some)
        );
        assert_eq!(
            [split("#119"), split("#"), split("Xx"), split(""), split("cl")],
            [None, None, None, None, Some("c")]
        );
    }
}
