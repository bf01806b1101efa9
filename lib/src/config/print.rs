//! Prints a configuration with each key's description as a comment above it.

use serde_json::Value;

const WIDTH: usize = 100;

/// Writes `value` as YAML, with the descriptions of `schema` as comments.
pub(super) fn documented(value: &Value, schema: &Value) -> String {
    let mut text = String::new();
    section(&mut text, value, schema, schema, 0);
    text
}

fn section(text: &mut String, value: &Value, schema: &Value, root: &Value, depth: usize) {
    let Value::Object(members) = value else { return };
    for (key, member) in members {
        let property = &schema["properties"][key.as_str()];
        let target = resolve(property, root);
        let indent = "  ".repeat(depth);
        if depth == 0 && !text.is_empty() {
            text.push('\n');
        }
        let words = [property, target].iter().find_map(|s| s["description"].as_str()).unwrap_or_default();
        comment(text, words, &indent);
        choices(text, target, &indent);
        if member.is_object() && target["properties"].is_object() {
            text.push_str(&format!("{indent}{key}:\n"));
            section(text, member, target, root, depth + 1);
        } else {
            // A scalar or a list in JSON is also YAML.
            text.push_str(&format!("{indent}{key}: {member}\n"));
        }
    }
}

/// Follows the reference of a property to its definition; of `T | null`, takes `T`.
fn resolve<'a>(property: &'a Value, root: &'a Value) -> &'a Value {
    let mut at = property;
    if let Some(variants) = at["anyOf"].as_array()
        && let Some(some) = variants.iter().find(|v| v["$ref"].is_string())
    {
        at = some;
    }
    match at["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer).unwrap_or(at),
        None => at,
    }
}

/// Lists the words that a choice accepts, each with its meaning.
fn choices(text: &mut String, target: &Value, indent: &str) {
    for variant in target["oneOf"].as_array().into_iter().flatten() {
        let word = variant["const"].as_str().or_else(|| variant["enum"][0].as_str());
        if let Some(word) = word {
            let meaning = variant["description"].as_str().unwrap_or_default();
            comment(text, &format!("- {word}: {meaning}"), indent);
        }
    }
}

fn comment(text: &mut String, words: &str, indent: &str) {
    let mut line = String::new();
    for word in words.split_whitespace() {
        if !line.is_empty() && indent.len() + 2 + line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&format!("{indent}# {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        text.push_str(&format!("{indent}# {line}\n"));
    }
}
