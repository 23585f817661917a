//! What a field may be, in words: "a whole number, 1 to 200".

use app::wire::FieldKind;
use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaType, Type};
use utoipa::openapi::{Array, Object, RefOr, Schema};

const COMPONENTS: &str = "#/components/schemas/";

/// The name of the component that a schema refers to, be it one of several things that may stand there.
pub(super) fn component(schema: &RefOr<Schema>) -> Option<&str> {
    match schema {
        RefOr::Ref(one) => one.ref_location.strip_prefix(COMPONENTS),
        RefOr::T(Schema::OneOf(several)) => several.items.iter().find_map(component),
        RefOr::T(Schema::Array(list)) => match &list.items {
            ArrayItems::RefOrSchema(item) => component(item),
            ArrayItems::False => None,
        },
        RefOr::T(_) => None,
    }
}

/// A field of this schema, without what only its place tells.
pub(super) fn field(name: &str, schema: &RefOr<Schema>) -> FieldKind {
    let described = match schema {
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        RefOr::T(Schema::Array(array)) => array.description.clone(),
        RefOr::T(Schema::OneOf(several)) => several.description.clone(),
        RefOr::Ref(one) => Some(one.description.clone()),
        RefOr::T(_) => None,
    };
    let values = match schema {
        RefOr::T(Schema::Object(object)) => words(object),
        _ => Vec::new(),
    };
    let description = described.unwrap_or_default();
    FieldKind {
        name: name.to_owned(),
        kind: kind(schema),
        object: component(schema).map(str::to_owned),
        // where each word is explained, the list would say it again
        values: if values
            .iter()
            .all(|word| description.contains(&format!("`{word}`")))
        {
            Vec::new()
        } else {
            values
        },
        description,
        ..FieldKind::default()
    }
}

fn words(object: &Object) -> Vec<String> {
    object
        .enum_values
        .iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// What a schema allows.
pub(super) fn kind(schema: &RefOr<Schema>) -> String {
    match schema {
        RefOr::Ref(_) => component(schema).unwrap_or("object").to_owned(),
        RefOr::T(Schema::Array(array)) => list(array),
        RefOr::T(Schema::Object(object)) => plain(object),
        RefOr::T(Schema::OneOf(several)) => {
            let kinds: Vec<String> = several.items.iter().map(kind).collect();
            kinds.join(" or ")
        }
        RefOr::T(_) => "anything".to_owned(),
    }
}

fn list(array: &Array) -> String {
    let items = match &array.items {
        ArrayItems::RefOrSchema(item) => kind(item),
        ArrayItems::False => "anything".to_owned(),
    };
    let most = array
        .max_items
        .map_or_else(String::new, |most| format!(", {most} at most"));
    format!("list of {items}{most}")
}

fn plain(object: &Object) -> String {
    let types: Vec<&Type> = match &object.schema_type {
        SchemaType::Type(one) => vec![one],
        SchemaType::Array(several) => several.iter().collect(),
        SchemaType::AnyValue => return "anything".to_owned(),
    };
    let or_null = if types.len() > 1 && types.contains(&&Type::Null) {
        " or null"
    } else {
        ""
    };
    let first = types.into_iter().find(|one| **one != Type::Null);
    let kind = match first {
        Some(Type::String) => text(object),
        Some(Type::Integer | Type::Number) => number(object),
        Some(Type::Boolean) => "true or false".to_owned(),
        Some(Type::Object) => map(object),
        Some(Type::Array) => "list".to_owned(),
        _ => "null".to_owned(),
    };
    kind + or_null
}

fn text(object: &Object) -> String {
    let format = object
        .format
        .as_ref()
        .map(|format| match serde_json::to_value(format) {
            Ok(Value::String(format)) => format,
            _ => String::new(),
        });
    match (format.as_deref(), object.min_length, object.max_length) {
        (Some("date-time"), ..) => "date and time (RFC 3339)".to_owned(),
        (Some("uri"), ..) => "URL".to_owned(),
        (_, Some(least), Some(most)) if least == most => format!("text of {most} characters"),
        (_, Some(least), Some(most)) => format!("text, {least} to {most} characters"),
        (_, None, Some(most)) => format!("text, {most} characters at most"),
        _ => "text".to_owned(),
    }
}

fn number(object: &Object) -> String {
    let written = |number: &Option<utoipa::Number>| {
        number
            .as_ref()
            .and_then(|number| serde_json::to_value(number).ok())
            .map(|number| number.to_string())
    };
    match (written(&object.minimum), written(&object.maximum)) {
        (Some(least), Some(most)) => format!("whole number, {least} to {most}"),
        (None, Some(most)) => format!("whole number, {most} at most"),
        (Some(least), None) if least != "0" => format!("whole number, {least} at least"),
        _ => "whole number".to_owned(),
    }
}

/// An object whose names are not known before.
fn map(object: &Object) -> String {
    match object.additional_properties.as_deref() {
        Some(AdditionalProperties::RefOr(values)) => format!("object of {} by name", kind(values)),
        _ => "object".to_owned(),
    }
}
