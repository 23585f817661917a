//! The OpenAPI document: what of it no single call says, and how it is served (OpenAPI 3.1).
//!
//! Paths, parameters, bodies and answers come from the handlers and their types. What every call can
//! answer, such as a missing key or a database that is away, is added here from how the call looks.
//! `docs/openapi.json` holds the document of this source; a test compares them.

use super::etag::Tagged;
use super::problem::{
    BodyTooLong, ForbiddenAddress, InsufficientScope, Internal, Invalid, Named, Problem,
    RateLimited, Unauthorized, Unavailable, add,
};
use super::{ApiError, v1};
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::routing::{MethodRouter, get};
use std::sync::Arc;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Info, InfoBuilder, LicenseBuilder, OpenApi, PathItem, RefOr, ServerBuilder, Tag,
};
use utoipa::{PartialSchema, ToSchema};

/// Where the API stands, below the public URL.
pub const BASE_PATH: &str = "/api/v1";

const INTRODUCTION: &str = "\
Connections of your end users to other products, and fresh access tokens for them.

All calls take and answer JSON, over the API key of one application: `Authorization: Bearer gp_…`. \
A key sees its own application and nothing else.

What cannot be done is answered with a problem (RFC 9457): branch on `code`, see in `blame` who can \
mend it, and read in `detail` what to do now. Ignore members that you do not know: new ones may come \
within this version, and none will go.";

/// The parts in the order in which they are read.
const TAGS: [(&str, &str); 7] = [
    (
        "Connect sessions",
        "Invite an end user to connect, and learn what came of it.",
    ),
    (
        "Connections",
        "What your end users connected: find, describe and revoke it.",
    ),
    (
        "Tokens",
        "Fresh access tokens, for calls that your backend makes itself.",
    ),
    (
        "Proxy",
        "Calls to a provider's API, with the token put in on the way.",
    ),
    (
        "Events",
        "What happened to connections and providers, for backends that poll.",
    ),
    (
        "Webhooks",
        "Endpoints of yours that are told of events (Standard Webhooks), and what was delivered to them.",
    ),
    (
        "Providers",
        "What your end users can connect, as it is set up in the portal.",
    ),
];

/// The document with absolute addresses below `public_url`; with relative ones if that is empty.
#[must_use]
pub fn document(public_url: &str) -> OpenApi {
    let mut document = v1::routes().into_openapi();
    document.info = info();
    document.servers = Some(vec![
        ServerBuilder::new()
            .url(format!("{public_url}{BASE_PATH}"))
            .build(),
    ]);
    document.tags = Some(TAGS.map(tag).into());
    let components = document.components.get_or_insert_default();
    components
        .schemas
        .insert(Problem::name().into_owned(), Problem::schema());
    components.security_schemes.insert(
        "api_key".to_owned(),
        RefOr::T(SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("gp_…")
                .description(Some("An API key of the application, from the portal under API keys. A call names the scope that the key needs."))
                .build(),
        )),
    );
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths
        .into_iter()
        .map(|(path, mut item)| {
            tell_apart(&mut item);
            operations(&mut item).for_each(complete);
            (without_wildcard(&path), item)
        })
        .collect();
    document
}

/// The document as it stands in `docs/openapi.json`.
#[must_use]
pub fn document_text() -> String {
    text(&document(""))
}

fn text(document: &OpenApi) -> String {
    // it has texts, numbers and lists, which can always be written
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

fn info() -> Info {
    InfoBuilder::new()
        .title("Grantport API")
        .version("1")
        .description(Some(INTRODUCTION))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build()
}

fn tag((name, description): (&str, &str)) -> Tag {
    TagBuilder::new()
        .name(name)
        .description(Some(description))
        .build()
}

/// The calls of one path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
    ]
    .into_iter()
    .flatten()
}

/// A handler that takes several methods has one name for all of them.
fn tell_apart(item: &mut PathItem) {
    let methods = [
        (&mut item.get, "Get"),
        (&mut item.put, "Put"),
        (&mut item.post, "Post"),
        (&mut item.delete, "Delete"),
        (&mut item.options, "Options"),
        (&mut item.head, "Head"),
        (&mut item.patch, "Patch"),
    ];
    let mut named: Vec<_> = methods
        .into_iter()
        .filter_map(|(call, method)| Some((call.as_mut()?.operation_id.as_mut()?, method)))
        .collect();
    let names: Vec<String> = named.iter().map(|(name, _)| (*name).clone()).collect();
    for (name, method) in &mut named {
        if names.iter().filter(|other| *other == *name).count() > 1 {
            name.push_str(method);
        }
    }
}

/// Adds what a call can answer because of how it looks.
fn complete(operation: &mut Operation) {
    let asks_for_key = operation.security.is_some();
    let takes_body = operation.request_body.is_some();
    let takes_query = operation.parameters.iter().flatten().any(|parameter| {
        matches!(
            parameter,
            RefOr::T(Parameter {
                parameter_in: ParameterIn::Query,
                ..
            })
        )
    });
    let mut problems: Vec<ApiError> = Internal::examples();
    problems.extend(Unavailable::examples());
    if asks_for_key {
        problems.extend(Unauthorized::examples());
        problems.extend(InsufficientScope::examples());
        problems.extend(ForbiddenAddress::examples());
        problems.extend(RateLimited::examples());
    }
    if takes_body || takes_query {
        problems.extend(Invalid::examples());
    }
    if takes_body {
        problems.extend(BodyTooLong::examples());
    }
    for problem in &problems {
        add(&mut operation.responses, problem);
    }
}

/// axum writes `{*path}` for the rest of an address, OpenAPI has no such thing.
fn without_wildcard(path: &str) -> String {
    path.replace("{*", "{")
}

/// The document as the server at `public_url` serves it, made once. It holds nothing that is not in
/// the source, so anyone may read and keep it.
pub(super) fn served<S: Clone + Send + Sync + 'static>(public_url: &str) -> MethodRouter<S> {
    let served = Arc::new(Tagged::bytes(text(&document(public_url)).into_bytes()));
    get(async move |headers: HeaderMap| {
        let cache = [(CACHE_CONTROL, "public, max-age=300")];
        (cache, served.unless_known(&headers))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn the_document_that_is_checked_in_is_the_one_of_the_source() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == document_text(),
            "docs/openapi.json is out of date; renew it: cargo run -- openapi > docs/openapi.json"
        );
    }

    #[test]
    fn every_call_says_what_it_is_for_and_which_scope_it_needs() {
        let mut names = BTreeSet::new();
        for (path, mut item) in document("").paths.paths {
            assert!(!path.contains('*'), "{path}");
            for operation in operations(&mut item) {
                let name = operation.operation_id.clone().expect("an operation id");
                assert!(names.insert(name.clone()), "{name} is there twice");
                assert!(operation.summary.is_some(), "{name} has no summary");
                let tags = operation.tags.clone().unwrap_or_default();
                let known = |tag: &String| TAGS.iter().any(|(name, _)| name == tag);
                assert!(
                    tags.len() == 1 && tags.iter().all(known),
                    "{name}: {tags:?}"
                );
                assert!(operation.security.is_some(), "{name} asks for no key");
                for (status, response) in &operation.responses.responses {
                    let RefOr::T(response) = response else {
                        panic!("{name} {status} is written elsewhere")
                    };
                    assert!(!response.description.is_empty(), "{name} {status}");
                }
            }
        }
        assert!(names.len() >= 10, "{names:?}");
    }

    #[test]
    fn every_example_of_a_problem_fits_its_schema() {
        let document = serde_json::to_value(document("")).expect("JSON");
        let mut schema = document["components"]["schemas"]["Problem"].clone();
        schema["components"] = document["components"].clone();
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        for problem in ApiError::every() {
            let body = serde_json::to_value(problem.problem()).expect("JSON");
            assert!(validator.is_valid(&body), "{body}");
        }
    }
}
