//! The JSON Schema of definition files, for editors: it completes and checks while one writes.
//!
//! It is made from the types that read the files, so the two cannot differ, and it is kept as
//! `docs/catalog.schema.json`. It knows the shape of a file and no more; what must hold beyond that is
//! told by `grantport catalog check`.

use super::definition::Definition;
use super::read::EXTENDS;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The schema, as it stands in `docs/catalog.schema.json`.
#[must_use]
pub fn schema() -> String {
    let mut text = format!("{:#}", document());
    text.push('\n');
    text
}

fn document() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut definition = generator.into_root_schema_for::<Definition>().to_value();
    let mut defs = take(&mut definition, "$defs");
    let dialect = take(&mut definition, "$schema");
    let title = take(&mut definition, "title");
    let names: Vec<Value> = definition["properties"]
        .as_object()
        .into_iter()
        .flat_map(|properties| properties.keys())
        .map(|name| json!(name))
        .chain([json!(EXTENDS)])
        .collect();
    defs["Extension"] = json!({
        "description": "A definition that says only what differs from a built-in one. Tables are joined, everything else is replaced.",
        "type": "object",
        "properties": {
            EXTENDS: {"description": "Id of the built-in definition on which this one builds.", "type": "string"},
            "id": definition["properties"]["id"],
        },
        "required": [EXTENDS, "id"],
        "propertyNames": {"enum": names},
    });
    defs["Definition"] = definition;
    json!({
        "$schema": dialect,
        "title": title,
        "description": "A provider definition of Grantport, one TOML file; see catalog.md.",
        "if": {"required": [EXTENDS]},
        "then": {"$ref": "#/$defs/Extension"},
        "else": {"$ref": "#/$defs/Definition"},
        "$defs": defs,
    })
}

fn take(object: &mut Value, key: &str) -> Value {
    object
        .as_object_mut()
        .and_then(|members| members.remove(key))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::BUILT_IN;
    use std::path::Path;

    fn validator() -> jsonschema::Validator {
        jsonschema::validator_for(&document()).expect("a schema")
    }

    fn json_of(text: &str) -> Value {
        toml::from_str(text).expect("TOML")
    }

    #[test]
    fn the_schema_that_is_checked_in_is_the_one_of_the_types() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/catalog.schema.json");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == schema(),
            "docs/catalog.schema.json is stale; run: cargo run --package server -- catalog schema > docs/catalog.schema.json"
        );
    }

    #[test]
    fn every_built_in_file_fits_the_schema() {
        let validator = validator();
        for (file, text) in BUILT_IN {
            let document = json_of(text);
            let errors: Vec<String> = validator
                .iter_errors(&document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{file}: {errors:#?}");
        }
    }

    #[test]
    fn the_example_of_the_documentation_is_a_definition() {
        let guide = include_str!("../../../docs/catalog.md");
        let example = guide
            .split("```toml\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next());
        let example = example.expect("the first example");
        assert!(validator().is_valid(&json_of(example)));
        let read = crate::catalog::read::read("acme.toml", example, |_| None);
        assert_eq!(read.err(), None);
    }

    #[test]
    fn what_the_types_refuse_does_not_fit() {
        let validator = validator();
        let (_, apollo) = BUILT_IN
            .iter()
            .find(|(file, _)| *file == "apollo.toml")
            .expect("Apollo");
        let apollo = json_of(apollo);
        assert!(validator.is_valid(&apollo));
        for (key, value) in [
            ("colour", json!("red")),
            ("pkce", json!("plain")),
            ("name", json!(7)),
            ("endpoints", json!({"authorize": "https://a.example"})),
            ("trust", json!({"level": "sure", "since": "2026-11-22"})),
            ("expiry", json!({"source": "assumed"})),
        ] {
            let mut wrong = apollo.clone();
            wrong[key] = value;
            assert!(!validator.is_valid(&wrong), "{key}");
        }
    }

    #[test]
    fn a_file_that_extends_another_says_only_what_differs() {
        let validator = validator();
        let extending = json!({"extends": "salesforce", "id": "acme", "endpoints": {"token": "https://a.example/t"}});
        assert!(validator.is_valid(&extending));
        for wrong in [
            json!({"extends": "salesforce"}),
            json!({"extends": "salesforce", "id": "acme", "colour": "red"}),
        ] {
            assert!(!validator.is_valid(&wrong), "{wrong}");
        }
    }

    #[test]
    fn every_field_is_described() {
        let document = document();
        let definition = &document["$defs"]["Definition"]["properties"];
        for (name, field) in definition.as_object().expect("fields") {
            assert!(field["description"].is_string(), "{name}");
        }
    }
}
