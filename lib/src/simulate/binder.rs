//! RNA-binding proteins: the published motif of each, and the domain that stands for its specificity.
//!
//! The domains are written after the human protein of the accession given; they are ancestors for simulation,
//! not records to cite. Motifs: Ray et al. 2013 (`RNAcompete`), Nature 499:172, and the paper named with each.

use super::site::Element;

/// A class of RNA-binding protein.
pub(super) struct Binder {
    /// The human gene it is modelled on.
    pub(super) name: &'static str,
    /// The RNA motif in IUPAC letters.
    pub(super) motif: &'static [&'static str],
    /// The kind of domain.
    pub(super) fold: &'static str,
    /// The ancestor of the domain.
    pub(super) domain: &'static str,
    /// The parts of the domain that evolution leaves alone: a protein of the class holds them all.
    pub(super) keys: &'static [&'static str],
    /// Where motif and domain come from.
    pub(super) source: &'static str,
}

impl Binder {
    /// Spells out the motif.
    pub(super) fn element(&self) -> Element {
        Element::new(self.motif)
    }
}

/// The classes, in the order in which `--classes` takes them.
pub(super) const BINDERS: [Binder; 8] = [
    Binder {
        name: "RBFOX1",
        motif: &["UGCAUG"],
        fold: "RRM",
        domain: "KRLHVSNIPFRFRDPDLRQMFGQFGKILDVEIIFNERGSKGFGFVTFENSADADRAREKLHGTVVEGRKIEVNNATARV",
        keys: &["LHVSNIPF", "KGFGFVTF"],
        source: "Auweter et al. 2006, EMBO J 25:163; domain after UniProt Q9NWB1",
    },
    Binder {
        name: "PUM2",
        motif: &["UGUANAUA"],
        fold: "PUF repeats 5 to 8, whose residues 12, 13 and 16 read A, U, G and U",
        domain: "GQVFALSTHPYGCRVIQRILEHCLPDQTLPILEELHQHTEQLVQDQYGNYVIQHVLEHGRPEDKSKIVAEIRGNVLVLSQHKFASNVVEKC\
                 VTHASRTERAVLIDEVCNALYTMMKDQYANYVVQKMIDVAEPGQRKIVMHKIR",
        keys: &["GCRVIQ", "GNYVIQ", "ASNVVE", "ANYVVQ"],
        source: "Wang et al. 2002, Cell 110:501; domain after UniProt Q8TB72",
    },
    Binder {
        name: "QKI",
        motif: &["ACUAAY"],
        fold: "STAR (maxi-KH)",
        domain: "VQLQEKLYVPVKEYPDFNFVGRILGPRGLTAKQLEAETGCKIMVRGKGSMRDKKKEEQNRGKPNWEHLNEDLHVLITVEDAQNRAEIKLKRA\
                 VEEVKKLLVPAAEGEDSL",
        keys: &["GRILGPRG", "GCKIMVRG"],
        source: "Galarneau and Richard 2005, Nat Struct Mol Biol 12:691; domain after UniProt Q96PU8",
    },
    Binder {
        name: "ZFP36",
        motif: &["UAUUUAU"],
        fold: "two CCCH zinc fingers",
        domain: "SRYKTELCRTFSESGRCRYGAKCQFAHGLGELRQANRHPKYKTELCHKFYLQGRCPYGSRCHFIHNPSED",
        keys: &["RYKTELC", "KYKTELC", "CRYGAKCQFAH", "CPYGSRCHFIH"],
        source: "Hudson et al. 2004, Nat Struct Mol Biol 11:257; domain after UniProt P26651",
    },
    Binder {
        name: "PTBP1",
        motif: &["UCUUC", "CUCUCU"],
        fold: "RRM",
        domain: "SRSAGVPSRVIHIRKLPIDVTEGEVISLGLPFGKVTNLLMLKGKNQAFIEMNTEEAANTMVNYYTSVTPVLRGQPIYIQFSNHKELKT",
        keys: &["VIHIRKLP", "KNQAFIEM"],
        source: "Oberstrass et al. 2005, Science 309:2054; domain after UniProt P26599",
    },
    Binder {
        name: "HNRNPA1",
        motif: &["UAGGGW"],
        fold: "RRM and RGG box",
        domain: "RKLFIGGLSFETTDESLRSHFEQWGTLTDCVVMRDPNTKRSRGFGFVTYATVEEVDAAMNARPHKVDGRVVEPKRAVSREDSQRGRSGSGNF\
                 GGGRGGGFGGNDNFGRGGNFSGRGGFGGSRGGGGYGGSG",
        keys: &["LFIGGLSF", "RGFGFVTY"],
        source: "Burd and Dreyfuss 1994, EMBO J 13:1197; domain after UniProt P09651",
    },
    Binder {
        name: "SRSF1",
        motif: &["GGAGA"],
        fold: "RRM and RS domain",
        domain: "CRIYVGNLPPDIRTKDIEDVFYKYGAIRDIDLKNRRGGPPFAFVEFEDPRDAEDAVYGRDGYDYDGYRLRVEFPRSGRSPSYGRSRSRSRSR\
                 SRSRSRSNSRSRSYSPRRSRGSPRYSPRHSRSRSRT",
        keys: &["IYVGNLPP", "PPFAFVEF"],
        source: "Sanford et al. 2009, Genome Res 19:381; domain after UniProt Q07955",
    },
    Binder {
        name: "NOVA1",
        motif: &["UCAUY"],
        fold: "KH",
        domain: "GQYFLKVLIPSYAAGSIIGKGGQTIVQLQKETGATIKLSKSKDFYPGTTERVCLIQGTVEALNAVHGFIAEKIREMPQNVAKTEPVS",
        keys: &["GSIIGKGG", "GATIKLSK"],
        source: "Buckanovich and Darnell 1997, Mol Cell Biol 17:3194; domain after UniProt P51513",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_domain_is_protein_and_holds_its_keys() {
        for binder in &BINDERS {
            assert!(binder.domain.bytes().all(|c| b"ACDEFGHIKLMNPQRSTVWY".contains(&c)), "{}", binder.name);
            assert!(binder.keys.iter().all(|key| binder.domain.contains(key)), "{}", binder.name);
        }
    }

    #[test]
    fn no_domain_holds_the_keys_of_another_class() {
        for (i, a) in BINDERS.iter().enumerate() {
            for (j, b) in BINDERS.iter().enumerate() {
                assert!(i == j || !b.keys.iter().all(|key| a.domain.contains(key)), "{} {}", a.name, b.name);
            }
        }
    }
}
