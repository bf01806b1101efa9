//! Knows the symbols of the chemical elements.

/// The elements in the order of their numbers.
const ELEMENTS: &str = " H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br \
    Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf \
    Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds \
    Rg Cn Nh Fl Mc Lv Ts Og ";
/// The elements that may be written in lower case inside brackets, as members of an aromatic ring.
const AROMATIC: [&str; 9] = ["b", "c", "n", "o", "p", "s", "as", "se", "te"];

/// Gives the length of the symbol that a bracket atom starts with; 0 if there is none.
pub(super) fn symbol_length(atom: &[u8]) -> usize {
    let known = |length: usize| {
        atom.get(..length).and_then(|symbol| str::from_utf8(symbol).ok()).is_some_and(|symbol| {
            AROMATIC.contains(&symbol)
                || symbol == "*"
                || (symbol.bytes().all(|b| b.is_ascii_alphabetic())
                    && ELEMENTS.contains(&format!(" {symbol} ")))
        })
    };
    if known(2) { 2 } else { usize::from(known(1)) }
}
