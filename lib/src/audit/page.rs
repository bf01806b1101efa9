//! Writes an audit as one HTML page that needs nothing from outside.

use std::fmt::Write as _;

use super::{Audit, Finding, Form, Section};
use crate::report::{document, escaped, scroll};

const STYLE: &str = include_str!("page.css");

/// Writes the page.
///
/// ```
/// use crossmamba::audit::{Audit, audit_page};
///
/// let empty = Audit { sections: Vec::new(), verdict: Vec::new() };
/// assert!(audit_page("A set", &empty, "{}").contains("<title>A set · CrossMamba RNA</title>"));
/// ```
pub fn audit_page(title: &str, audit: &Audit, provenance: &str) -> String {
    let mut body = String::from("<section>\n<h2>Verdict</h2>\n<ul class=\"remarks\">\n");
    for remark in &audit.verdict {
        let class = if remark.warning { "warning" } else { "note" };
        let _ = writeln!(body, "<li class=\"{class}\">{}</li>", escaped(&remark.text));
    }
    body.push_str("</ul>\n</section>\n");
    for section in &audit.sections {
        body.push_str(&shown(section));
    }
    let lead = "What the set and its split give away, and what predictions are left with.";
    document(title, lead, &body, STYLE, "crossmamba-audit", provenance)
}

fn shown(section: &Section) -> String {
    // A column that would be empty is none.
    let intervals = section.findings.iter().any(|found| found.interval.is_some());
    let mut html = format!(
        "<section>\n<h2>{}</h2>\n<p>{}</p>\n{}<table>\n<thead><tr><th>Figure</th><th>Value</th>{}\
         </tr></thead>\n<tbody>\n",
        escaped(&section.title),
        escaped(&section.text),
        scroll(&escaped(&section.title)),
        if intervals { "<th>95 %</th>" } else { "" }
    );
    for found in &section.findings {
        let interval = found.interval.map_or_else(String::new, |interval| {
            format!("[{}, {}]", number(found, interval.low), number(found, interval.high))
        });
        let interval = if intervals { format!("<td>{interval}</td>") } else { interval };
        let bar = match found.form {
            Form::Share if found.value.is_finite() => format!(
                "<span class=\"bar\" aria-hidden=\"true\"><span style=\"width:{:.1}%\"></span></span>",
                100.0 * found.value.clamp(0.0, 1.0)
            ),
            _ => String::new(),
        };
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{bar}<span class=\"number\">{}</span></td>{interval}</tr>",
            escaped(&found.label),
            number(found, found.value)
        );
    }
    html.push_str("</tbody></table></div>\n</section>\n");
    html
}

fn number(found: &Finding, value: f64) -> String {
    match found.form {
        _ if value.is_nan() => "NA".into(),
        Form::Count => format!("{value:.0}"),
        Form::Share => format!("{:.1} %", 100.0 * value),
        Form::Measure => format!("{value:.3}"),
    }
}
