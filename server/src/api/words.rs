//! Closed lists of words in the API's document, made from the enums that speak them.

use serde_json::Value;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

/// A text that is one of `words`.
pub(super) fn one_of(description: &str, words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .enum_values(Some(words.into_iter().map(Value::from)))
        .build()
}

/// A text that is one of `words`, or null.
pub(super) fn one_of_or_null(
    description: &str,
    words: impl IntoIterator<Item = &'static str>,
) -> Object {
    let words = words.into_iter().map(Value::from);
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(description))
        .enum_values(Some(words.chain([Value::Null])))
        .build()
}
