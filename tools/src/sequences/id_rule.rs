//! Which part of a header or a cell is the identifier.

use std::str::FromStr;

use regex::Regex;
use serde::{Serialize, Serializer};

/// A rule that takes the identifier out of a text.
#[derive(Debug, Clone)]
pub enum IdRule {
    /// The first word.
    FirstWord,
    /// All of it, with `_` for white space.
    Whole,
    /// The accession inside the notations of databases, without its version.
    Accession,
    /// The first group of a regular expression, or all that it matches.
    Regex(Regex),
}

impl IdRule {
    /// Gives the identifier; `None` where the rule finds none.
    pub fn apply(&self, text: &str) -> Option<String> {
        let text = text.trim();
        match self {
            Self::FirstWord => text.split_whitespace().next().map(str::to_owned),
            Self::Whole => Some(text.split_whitespace().collect::<Vec<_>>().join("_")),
            Self::Accession => text.split_whitespace().next().map(|word| accession(word).to_owned()),
            Self::Regex(pattern) => {
                let found = pattern.captures(text)?;
                let group = found.get(1).or_else(|| found.get(0))?;
                Some(group.as_str().to_owned())
            }
        }
    }
}

/// Gives the accession of `sp|P12345|NAME`, `gi|1|ref|NM_1.2|`, `ENST1.2|ENSG…` or `NM_1.2`, without its version.
pub fn accession(id: &str) -> &str {
    const DATABASES: [&str; 14] =
        ["sp", "tr", "ref", "gb", "emb", "dbj", "pdb", "lcl", "gnl", "pir", "prf", "tpg", "tpe", "tpd"];
    let parts: Vec<&str> = id.split('|').collect();
    let named = parts.iter().position(|part| DATABASES.contains(&part.to_ascii_lowercase().as_str()));
    let found = named.and_then(|at| parts.get(at + 1)).filter(|part| !part.is_empty());
    let found = *found.unwrap_or(&parts[0]);
    match found.rsplit_once('.') {
        Some((name, version)) if !name.is_empty() && is_version(version) => name,
        _ => found,
    }
}

fn is_version(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl FromStr for IdRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "first-word" => Ok(Self::FirstWord),
            "whole" => Ok(Self::Whole),
            "accession" => Ok(Self::Accession),
            _ => match text.strip_prefix("regex:") {
                Some(pattern) => {
                    let last =
                        |error: regex::Error| error.to_string().lines().last().unwrap_or_default().to_owned();
                    Regex::new(pattern).map(Self::Regex).map_err(last)
                }
                None => Err("the rules are accession, first-word, whole and regex:PATTERN".into()),
            },
        }
    }
}

impl Serialize for IdRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::FirstWord => serializer.serialize_str("first-word"),
            Self::Whole => serializer.serialize_str("whole"),
            Self::Accession => serializer.serialize_str("accession"),
            Self::Regex(pattern) => serializer.serialize_str(&format!("regex:{pattern}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_takes_its_part() {
        for (rule, text, id) in [
            ("accession", "sp|P12345|NAME_HUMAN Some protein", Some("P12345")),
            ("accession", "gi|123|ref|NM_1234.2| mRNA", Some("NM_1234")),
            ("accession", "ENST00000456328.2|ENSG00000290825.1|DDX11L2", Some("ENST00000456328")),
            ("accession", "hsa-miR-21.5p", Some("hsa-miR-21.5p")),
            ("accession", "plain", Some("plain")),
            ("first-word", " a b ", Some("a")),
            ("whole", "acetic  acid", Some("acetic_acid")),
            ("regex:gene=(\\w+)", "x gene=TP53 y", Some("TP53")),
            ("regex:^\\w+", "TP53-1", Some("TP53")),
            ("regex:gene=(\\w+)", "nothing", None),
        ] {
            let found = rule.parse::<IdRule>().unwrap().apply(text);
            assert_eq!(found.as_deref(), id, "{rule} {text}");
        }
        assert!("second".parse::<IdRule>().is_err());
        assert!("regex:(".parse::<IdRule>().unwrap_err().contains("unclosed group"));
    }
}
