//! Lists, a page at a time. A cursor names the last row that was read, so rows that come and go
//! meanwhile make no page skip or repeat one.

use super::problem::ApiError;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{Array, Ref};

/// One page of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct Page<T: ToSchema> {
    #[schema(schema_with = rows::<T>)]
    pub(super) data: Vec<T>,
    /// What to send as `cursor` for the next page; `null` after the last one.
    #[schema(required, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}

/// Named, where the derived schema would repeat all of it.
fn rows<T: ToSchema>() -> Array {
    ArrayBuilder::new()
        .items(Ref::from_schema_name(T::name()))
        .build()
}

impl<T: ToSchema> Page<T> {
    /// A list that has one page.
    pub(super) fn whole(data: Vec<T>) -> Self {
        Self {
            data,
            next_cursor: None,
        }
    }
}

/// The `limit` of a query string: 1 to `longest` rows.
pub(super) fn limit(text: &str, longest: i64) -> Result<i64, ApiError> {
    let limit = text
        .parse()
        .ok()
        .filter(|limit| (1..=longest).contains(limit));
    limit.ok_or_else(|| {
        ApiError::Invalid(format!(
            "`limit` has to be a whole number from 1 to {longest}."
        ))
    })
}

/// What is said of a cursor that no page gave out.
pub(super) fn wrong_cursor() -> ApiError {
    ApiError::Invalid(
        "`cursor` has to be the `next_cursor` of the page before, unchanged.".to_owned(),
    )
}
