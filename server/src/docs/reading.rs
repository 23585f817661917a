//! The OpenAPI document, in the words of the page.

use super::example::{Of, curl, json};
use super::kinds::{component, field};
use app::wire::{AnswerKind, Call, CallGroup, FieldKind, ObjectKind, ProblemKind, Reference};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::{
    Components, Content, HttpMethod, OpenApi, RefOr, Required, Response, Schema,
};

const JSON: &str = "application/json";
const PROBLEM_JSON: &str = "application/problem+json";
/// How the schemas of pages are named, before what they are pages of.
const PAGE: &str = "Page_";

/// What the page shows of a document.
pub(super) fn read(document: OpenApi) -> Reference {
    let components = document.components.unwrap_or_default();
    let base_url = document
        .servers
        .iter()
        .flatten()
        .next()
        .map(|server| server.url.clone())
        .unwrap_or_default();
    let mut parts: Vec<CallGroup> = document
        .tags
        .iter()
        .flatten()
        .map(|tag| CallGroup {
            name: tag.name.clone(),
            description: tag.description.clone().unwrap_or_default(),
            calls: Vec::new(),
        })
        .collect();
    let mut problems = BTreeMap::new();
    let mut named = BTreeSet::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in methods(item) {
            let reading = Reading {
                components: &components,
                base_url: &base_url,
                path,
                method,
                operation,
            };
            let call = reading.call();
            reading.note_problems(&mut problems);
            named.extend(
                call.answers
                    .iter()
                    .filter_map(|answer| answer.object.clone()),
            );
            let tag = operation.tags.iter().flatten().next();
            let Some(part) = parts.iter_mut().find(|part| Some(&part.name) == tag) else {
                continue;
            };
            match part.calls.last_mut() {
                // one call that takes several methods stands there once
                Some(same) if (&same.path, &same.title) == (&call.path, &call.title) => {
                    same.method = format!("{}, {}", same.method, call.method);
                }
                _ => part.calls.push(call),
            }
        }
    }
    named.insert("Problem".to_owned());
    Reference {
        base_url,
        parts,
        objects: objects(named, &components),
        problems: problems.into_values().collect(),
    }
}

/// The calls of a path, in the order in which they are read.
fn methods(item: &PathItem) -> impl Iterator<Item = (HttpMethod, &Operation)> {
    [
        (HttpMethod::Get, &item.get),
        (HttpMethod::Post, &item.post),
        (HttpMethod::Put, &item.put),
        (HttpMethod::Patch, &item.patch),
        (HttpMethod::Delete, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn word(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Head => "HEAD",
        HttpMethod::Options => "OPTIONS",
        HttpMethod::Trace => "TRACE",
    }
}

/// One call, and what surrounds it.
struct Reading<'a> {
    components: &'a Components,
    base_url: &'a str,
    path: &'a str,
    method: HttpMethod,
    operation: &'a Operation,
}

impl Reading<'_> {
    fn call(&self) -> Call {
        let operation = self.operation;
        let description = operation.description.as_deref().unwrap_or_default();
        Call {
            id: operation.operation_id.clone().unwrap_or_default(),
            title: operation.summary.clone().unwrap_or_default(),
            method: word(&self.method).to_owned(),
            path: self.path.to_owned(),
            description: description
                .split("\n\n")
                .filter(|paragraph| !paragraph.is_empty())
                .map(str::to_owned)
                .collect(),
            scopes: self.scopes(),
            parameters: self.parameters().map(parameter).collect(),
            body: self.body().map_or_else(Vec::new, |schema| {
                let mut all = Vec::new();
                members(schema, self.components, "", &mut all);
                all
            }),
            example: self.example(),
            answers: self.answers(),
        }
    }

    fn scopes(&self) -> Vec<String> {
        let required = serde_json::to_value(&self.operation.security).unwrap_or_default();
        let lists = required.as_array().into_iter().flatten();
        lists
            .filter_map(|one| one["api_key"].as_array())
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        let all = self.operation.parameters.iter().flatten();
        all.filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
    }

    fn body(&self) -> Option<&RefOr<Schema>> {
        let RefOr::T(body) = self.operation.request_body.as_ref()? else {
            return None;
        };
        schema_of(body.content.get(JSON)?)
    }

    /// With what has to be in it, and nothing else.
    fn example(&self) -> String {
        let mut path = self.path.to_owned();
        for parameter in self.parameters() {
            // the field is not open to us, what is written of it is
            let written = serde_json::to_value(parameter).unwrap_or_default();
            if let Some(example) = written["example"].as_str() {
                path = path.replace(&format!("{{{}}}", parameter.name), example);
            }
        }
        let needed = matches!(
            &self.operation.request_body,
            Some(RefOr::T(body)) if body.required == Some(Required::True)
        );
        let body = self
            .body()
            .filter(|_| needed)
            .map(|schema| json(schema, self.components, Of::Needed))
            .map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" "));
        curl(
            word(&self.method),
            &format!("{}{path}", self.base_url),
            body.as_deref(),
        )
    }

    fn responses(&self) -> impl Iterator<Item = (&String, &Response)> {
        let all = self.operation.responses.responses.iter();
        all.filter_map(|(status, response)| match response {
            RefOr::T(response) => Some((status, response)),
            RefOr::Ref(_) => None,
        })
    }

    fn answers(&self) -> Vec<AnswerKind> {
        self.responses()
            .map(|(status, response)| self.answer(status, response))
            .collect()
    }

    fn answer(&self, status: &str, response: &Response) -> AnswerKind {
        let codes: BTreeSet<String> = problems_of(response)
            .filter_map(|problem| problem["code"].as_str().map(str::to_owned))
            .collect();
        let schema = response.content.get(JSON).and_then(schema_of);
        let name = schema.and_then(component);
        let paged = name.and_then(|name| name.strip_prefix(PAGE));
        AnswerKind {
            status: status.to_owned(),
            description: if codes.is_empty() {
                response.description.clone()
            } else {
                String::new()
            },
            object: paged.or(name).map(str::to_owned),
            paged: paged.is_some(),
            example: schema.map(|schema| json(schema, self.components, Of::All)),
            codes: codes.into_iter().collect(),
        }
    }

    /// The first example of each code stands for it.
    fn note_problems(&self, problems: &mut BTreeMap<(String, String), ProblemKind>) {
        for (status, response) in self.responses() {
            for problem in problems_of(response) {
                let text = |member: &str| problem[member].as_str().unwrap_or_default().to_owned();
                let code = text("code");
                problems
                    .entry((status.clone(), code.clone()))
                    .or_insert_with(|| ProblemKind {
                        code,
                        status: status.clone(),
                        blame: text("blame"),
                        title: text("title"),
                        detail: text("detail"),
                    });
            }
        }
    }
}

fn schema_of(content: &RefOr<Content>) -> Option<&RefOr<Schema>> {
    match content {
        RefOr::T(content) => content.schema.as_ref(),
        RefOr::Ref(_) => None,
    }
}

/// The problems that stand as examples in an answer.
fn problems_of(response: &Response) -> impl Iterator<Item = &Value> {
    let content = response.content.get(PROBLEM_JSON);
    let examples = content.and_then(|content| match content {
        RefOr::T(content) => Some(&content.examples),
        RefOr::Ref(_) => None,
    });
    examples
        .into_iter()
        .flat_map(BTreeMap::values)
        .filter_map(|example| match example {
            RefOr::T(example) => example.value.as_ref(),
            RefOr::Ref(_) => None,
        })
}

fn parameter(parameter: &Parameter) -> FieldKind {
    let mut said = parameter
        .schema
        .as_ref()
        .map(|schema| field(&parameter.name, schema))
        .unwrap_or_default();
    parameter.name.clone_into(&mut said.name);
    said.place = serde_json::to_value(&parameter.parameter_in)
        .ok()
        .and_then(|place| place.as_str().map(str::to_owned));
    said.required = parameter.required == Required::True;
    if let Some(description) = &parameter.description {
        said.description.clone_from(description);
    }
    said
}

/// The members of an object, with those of the objects in it behind a dot.
fn members(
    schema: &RefOr<Schema>,
    components: &Components,
    before: &str,
    all: &mut Vec<FieldKind>,
) {
    let object = match component(schema).and_then(|name| components.schemas.get(name)) {
        Some(RefOr::T(Schema::Object(object))) => object,
        Some(_) => return,
        None => match schema {
            RefOr::T(Schema::Object(object)) => object,
            _ => return,
        },
    };
    for (name, member) in &object.properties {
        let path = format!("{before}{name}");
        if matches!(member, RefOr::Ref(_)) {
            members(member, components, &format!("{path}."), all);
            continue;
        }
        let mut said = field(&path, member);
        said.required = object.required.contains(name);
        // a request's objects have no place of their own on the page
        said.object = None;
        all.push(said);
    }
}

/// The objects of these names, and those that they are made of.
fn objects(named: BTreeSet<String>, components: &Components) -> Vec<ObjectKind> {
    let mut todo: Vec<String> = named.into_iter().collect();
    let mut known: BTreeMap<String, ObjectKind> = BTreeMap::new();
    while let Some(name) = todo.pop() {
        let Some(RefOr::T(Schema::Object(object))) = components.schemas.get(&name) else {
            continue;
        };
        let fields: Vec<FieldKind> = object
            .properties
            .iter()
            .map(|(member, schema)| FieldKind {
                required: object.required.contains(member),
                ..field(member, schema)
            })
            .collect();
        for inner in fields.iter().filter_map(|field| field.object.clone()) {
            if !known.contains_key(&inner) && inner != name {
                todo.push(inner);
            }
        }
        let kind = ObjectKind {
            name: name.clone(),
            description: object.description.clone().unwrap_or_default(),
            fields,
        };
        known.insert(name, kind);
    }
    known.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::document::document;

    fn reading() -> Reference {
        read(document("https://grantport.example"))
    }

    #[test]
    fn every_call_stands_in_a_part_with_its_scope_and_an_example() {
        let reference = reading();
        let calls: Vec<&Call> = reference
            .parts
            .iter()
            .flat_map(|part| &part.calls)
            .collect();
        let documented: usize = document("")
            .paths
            .paths
            .values()
            .map(|item| methods(item).count())
            .sum();
        let told = calls.iter().map(|call| call.method.split(", ").count());
        assert_eq!(told.sum::<usize>(), documented);
        for call in calls {
            assert_eq!(call.scopes.len(), 1, "{}", call.id);
            let url = format!("https://grantport.example/api/v1/{}", &call.path[1..4]);
            assert!(call.example.contains(&url), "{}", call.example);
            assert!(
                !call.example.contains('{') || call.example.contains("-d"),
                "{}",
                call.example
            );
        }
    }

    #[test]
    fn every_object_that_is_named_is_explained() {
        let reference = reading();
        let explained: Vec<&str> = reference
            .objects
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        let answers = reference
            .parts
            .iter()
            .flat_map(|part| &part.calls)
            .flat_map(|call| &call.answers);
        let members = reference.objects.iter().flat_map(|object| &object.fields);
        let named = answers
            .filter_map(|answer| answer.object.as_deref())
            .chain(members.filter_map(|field| field.object.as_deref()));
        for name in named {
            assert!(explained.contains(&name), "{name}");
        }
    }

    #[test]
    fn a_code_has_one_status() {
        let mut seen = BTreeMap::new();
        for problem in reading().problems {
            let before = seen.insert(problem.code.clone(), problem.status.clone());
            assert_eq!(before, None, "{} is {} too", problem.code, problem.status);
        }
        assert!(seen.len() > 15, "{seen:?}");
    }

    #[test]
    fn an_example_of_an_answer_is_json_in_the_order_of_the_document() {
        let reference = reading();
        let calls = reference.parts.iter().flat_map(|part| &part.calls);
        for example in calls
            .flat_map(|call| &call.answers)
            .filter_map(|answer| answer.example.as_deref())
        {
            let read: Result<Value, _> = serde_json::from_str(example);
            assert!(read.is_ok(), "{example}");
        }
    }
}
