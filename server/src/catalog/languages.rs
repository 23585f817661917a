//! What definitions say to end users, in the languages of their pages.
//!
//! A definition is written in English. `server/catalog/words` has a file per language, in which each
//! such sentence stands beside its translation; that folder holds no definitions and is not searched
//! for any. What `custom` says of the scopes that every `OpenID` Connect server knows is there too. A
//! sentence that is not there, as those of an operator's own definitions, stays as it is.

use app::wire::Language;
use std::collections::HashMap;
use std::sync::LazyLock;

/// English sentences and what they are in another language.
type Sentences = HashMap<String, String>;

static GERMAN: LazyLock<Sentences> =
    LazyLock::new(|| read(include_str!("../../catalog/words/de.toml")));
static FRENCH: LazyLock<Sentences> =
    LazyLock::new(|| read(include_str!("../../catalog/words/fr.toml")));
static SPANISH: LazyLock<Sentences> =
    LazyLock::new(|| read(include_str!("../../catalog/words/es.toml")));
static PORTUGUESE: LazyLock<Sentences> =
    LazyLock::new(|| read(include_str!("../../catalog/words/pt.toml")));
static JAPANESE: LazyLock<Sentences> =
    LazyLock::new(|| read(include_str!("../../catalog/words/ja.toml")));

/// The files are part of the program, and the tests read each of them.
fn read(text: &str) -> Sentences {
    toml::from_str(text).unwrap_or_default()
}

fn sentences_in(language: Language) -> Option<&'static Sentences> {
    match language {
        Language::En => None,
        Language::De => Some(&GERMAN),
        Language::Fr => Some(&FRENCH),
        Language::Es => Some(&SPANISH),
        Language::Pt => Some(&PORTUGUESE),
        Language::Ja => Some(&JAPANESE),
    }
}

/// A sentence of a definition in this language, or as it is where it has no translation.
#[must_use]
pub fn translated(language: Language, english: &str) -> String {
    sentences_in(language)
        .and_then(|sentences| sentences.get(english))
        .map_or(english, String::as_str)
        .to_owned()
}

/// The hint below the ID of an app that whoever connects has registered with the provider.
pub(super) fn own_app(language: Language, short_name: &str) -> String {
    match language {
        Language::En => format!("Of the OAuth app in your own {short_name} account."),
        Language::De => format!("Von der OAuth-App in Ihrem eigenen Konto bei {short_name}."),
        Language::Fr => format!("De l’app OAuth dans votre propre compte {short_name}."),
        Language::Es => format!("De la app OAuth en su propia cuenta de {short_name}."),
        Language::Pt => format!("Do app OAuth na sua própria conta {short_name}."),
        Language::Ja => format!("ご自分の {short_name} アカウントにある OAuth アプリのものです。"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::custom::tests::custom;
    use crate::catalog::{AskedOf, Catalog, Definition, Input, Scope};
    use std::collections::BTreeSet;
    use std::sync::Arc;

    /// All that end users read of this definition.
    fn said_to_end_users(definition: &Definition) -> Vec<&str> {
        let scopes = definition.all_scopes().map(Scope::user_words);
        let inputs = definition.inputs_of(AskedOf::EndUser);
        let sentences = [
            &definition.needs,
            &definition.who_may_approve,
            &definition.revoke_by_hand,
            &definition.scopes.never,
        ];
        sentences
            .into_iter()
            .filter_map(Option::as_deref)
            .chain(scopes)
            .chain(inputs.flat_map(said_by_input))
            .filter(|sentence| !sentence.is_empty())
            .collect()
    }

    fn said_by_input(input: &Input) -> Vec<&str> {
        let choices = input.choices.iter().map(|choice| choice.words.as_str());
        [input.label.as_str(), input.hint.as_str()]
            .into_iter()
            .chain(input.other.as_deref())
            .chain(choices)
            .collect()
    }

    fn translations() -> impl Iterator<Item = (Language, &'static Sentences)> {
        Language::ALL
            .into_iter()
            .filter_map(|language| sentences_in(language).map(|sentences| (language, sentences)))
    }

    #[test]
    fn each_language_has_each_sentence_of_the_catalog_and_no_other() {
        let catalog = Catalog::built_in().expect("the built-in definitions");
        let custom = custom().definition().expect("a custom definition");
        let mut definitions = catalog.by_name();
        definitions.push(Arc::new(custom));
        let said: BTreeSet<&str> = definitions
            .iter()
            .flat_map(|definition| said_to_end_users(definition))
            .collect();
        assert_eq!(translations().count(), Language::ALL.len() - 1);
        let mut wrong = Vec::new();
        for (language, sentences) in translations() {
            let tag = language.tag();
            for (english, words) in sentences {
                if !said.contains(english.as_str()) {
                    wrong.push(format!("{tag}: no definition says {english:?}"));
                }
                if words.trim().is_empty() {
                    wrong.push(format!("{tag}: nothing stands for {english:?}"));
                }
            }
            let missing = said.iter().filter(|said| !sentences.contains_key(**said));
            wrong.extend(missing.map(|said| format!("{tag}: there is no {said:?}")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_sentence_is_found_or_stays_as_it_is() {
        let never = "See or change your Attio password";
        assert_eq!(translated(Language::En, never), never);
        for (language, _) in translations() {
            let own = "Read what nobody translated";
            assert_eq!(translated(language, own), own);
            let found = translated(language, "Read contacts");
            assert_ne!(found, "Read contacts", "{language:?}");
        }
    }

    #[test]
    fn an_input_and_its_choices_are_told_in_the_readers_language() {
        let catalog = Catalog::built_in().expect("the built-in definitions");
        let salesforce = catalog.get("salesforce").expect("Salesforce");
        let english = salesforce.input_views(AskedOf::EndUser, Language::En);
        let german = salesforce.input_views(AskedOf::EndUser, Language::De);
        for (english, german) in english.iter().zip(&german) {
            assert_ne!(english.label, german.label);
            assert_ne!(english.hint, german.hint);
            // what is sent and accepted is the same in every language
            assert_eq!(english.name, german.name);
            assert_eq!(english.endings, german.endings);
            let values = |choices: &[(String, String)]| {
                let values = choices.iter().map(|(value, _)| value.clone());
                values.collect::<Vec<_>>()
            };
            assert_eq!(values(&english.choices), values(&german.choices));
        }
        assert!(!english.is_empty());
    }
}
