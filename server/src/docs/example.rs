//! Examples: JSON from what the document gives for each field, and calls for a shell.

use super::kinds::component;
use serde_json::Value;
use utoipa::openapi::schema::{ArrayItems, SchemaType, Type};
use utoipa::openapi::{Components, RefOr, Schema};

/// Deeper than any of our objects.
const DEEPEST: usize = 8;

/// What of an object is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// All its members, as in an answer.
    All,
    /// What has to be there, as in a request.
    Needed,
}

/// JSON in lines, its members in the order of the document.
pub(super) fn json(schema: &RefOr<Schema>, components: &Components, of: Of) -> String {
    written(schema, components, of, 0)
}

fn written(schema: &RefOr<Schema>, components: &Components, of: Of, depth: usize) -> String {
    if depth > DEEPEST {
        return "null".to_owned();
    }
    let named = |name: &str| components.schemas.get(name);
    match schema {
        RefOr::Ref(_) => component(schema).and_then(named).map_or_else(
            || "null".to_owned(),
            |one| written(one, components, of, depth),
        ),
        RefOr::T(Schema::Array(array)) => match (&array.example, &array.items) {
            (Some(example), _) => example.to_string(),
            (None, ArrayItems::RefOrSchema(item)) => {
                format!("[{}]", written(item, components, of, depth))
            }
            (None, ArrayItems::False) => "[]".to_owned(),
        },
        RefOr::T(Schema::OneOf(several)) => several.items.first().map_or_else(
            || "null".to_owned(),
            |one| written(one, components, of, depth),
        ),
        RefOr::T(Schema::Object(object)) => {
            if let Some(example) = &object.example {
                return example.to_string();
            }
            let shown = |name: &String| of == Of::All || object.required.contains(name);
            let members: Vec<String> = object
                .properties
                .iter()
                .filter(|(name, _)| shown(name))
                .map(|(name, value)| {
                    format!("\"{name}\": {}", written(value, components, of, depth + 1))
                })
                .collect();
            if !members.is_empty() {
                return block(&members, depth);
            }
            let first = object.enum_values.iter().flatten().next();
            first.map_or_else(|| blank(&object.schema_type), Value::to_string)
        }
        RefOr::T(_) => "null".to_owned(),
    }
}

fn block(members: &[String], depth: usize) -> String {
    let (inside, end) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    let lines = members.join(&format!(",\n{inside}"));
    format!("{{\n{inside}{lines}\n{end}}}")
}

fn blank(kind: &SchemaType) -> String {
    let SchemaType::Type(kind) = kind else {
        return "null".to_owned();
    };
    match kind {
        Type::String => "\"…\"",
        Type::Integer | Type::Number => "1",
        Type::Boolean => "true",
        Type::Object => "{}",
        Type::Array => "[]",
        Type::Null => "null",
    }
    .to_owned()
}

/// A call for a shell. `body` is JSON.
pub(super) fn curl(method: &str, url: &str, body: Option<&str>) -> String {
    let mut lines = vec![match method {
        "GET" => format!("curl -sS {}", quoted(url)),
        _ => format!("curl -sS -X {method} {}", quoted(url)),
    }];
    lines.push("  -H \"Authorization: Bearer $GRANTPORT_API_KEY\"".to_owned());
    if let Some(body) = body {
        lines.push("  -H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("  -d '{}'", body.replace('\'', r"'\''")));
    }
    lines.join(" \\\n")
}

/// Quoted where a shell would read more into it.
fn quoted(url: &str) -> String {
    if url.contains(['{', '&', '?', '…']) {
        format!("\"{url}\"")
    } else {
        url.to_owned()
    }
}
