//! What must hold in a definition beyond its shape.
//!
//! A definition decides where client secrets and tokens are sent, so what it says is checked
//! before anyone follows it, and a mistake names the line and the fix.

use super::definition::{AuthorizeStyle, Definition, Identity, Input, ScopeRules};
use super::input::{OTHER, is_host_name};
use super::problem::Mistake;
use super::read::Place;
use super::template::placeholders;
use crate::domain::{Scopes, Slug};
use crate::oauth::authorize::is_reserved;
use std::collections::HashSet;
use url::Url;

/// Everything that is wrong with `definition`, read from `file`.
pub(super) fn check(file: &str, definition: &Definition) -> Vec<(Place, Mistake)> {
    let mut found = Found::default();
    found.look_at_head(file, definition);
    found.look_at_addresses(definition);
    found.look_at_params(definition);
    found.look_at_scopes(&definition.scopes);
    found.look_at_inputs(&definition.inputs);
    if let Some(identity) = &definition.identity {
        found.look_at_pointers(identity);
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<(Place, Mistake)>);

impl Found {
    fn add(&mut self, place: Place, mistake: Mistake) {
        self.0.push((place, mistake));
    }

    fn look_at_head(&mut self, file: &str, definition: &Definition) {
        let id = definition.id.as_str();
        if id.parse::<Slug>().is_err() {
            self.add(Place::of("id"), Mistake::Id(id.to_owned()));
        } else if file != format!("{id}.toml") {
            self.add(
                Place::of("id"),
                Mistake::IdNotFileName {
                    id: id.to_owned(),
                    file: file.to_owned(),
                },
            );
        }
        let hue = definition.mark.hue;
        if !(1..=12).contains(&hue) {
            self.add(Place::of("mark").key("hue"), Mistake::Hue(hue));
        }
        let since = &definition.trust.since;
        let day = time::macros::format_description!("[year]-[month]-[day]");
        if time::Date::parse(since, day).is_err() {
            self.add(
                Place::of("trust").key("since"),
                Mistake::Date(since.clone()),
            );
        }
    }

    fn look_at_addresses(&mut self, definition: &Definition) {
        let inputs: Vec<&str> = definition.inputs.iter().map(|i| i.name.as_str()).collect();
        let mut called = vec![
            (
                Place::of("endpoints").key("authorize"),
                &definition.endpoints.authorize,
            ),
            (
                Place::of("endpoints").key("token"),
                &definition.endpoints.token,
            ),
        ];
        if let Some(revocation) = &definition.revocation {
            called.push((Place::of("revocation").key("url"), &revocation.url));
        }
        for (place, template) in called {
            self.look_at_template(&place, template, &inputs, definition.practice, false);
        }
        if let Some(identity) = &definition.identity {
            let known: Vec<&str> = inputs
                .iter()
                .copied()
                .chain(definition.token_metadata.iter().map(String::as_str))
                .collect();
            let place = Place::of("identity").key("url");
            self.look_at_template(&place, &identity.url, &known, definition.practice, true);
        }
        self.look_at_authorize_style(definition);
        self.look_at_links(definition);
    }

    /// One URL template. `account`: that of the account behind a token, which may name token
    /// metadata and may begin with it.
    fn look_at_template(
        &mut self,
        place: &Place,
        template: &str,
        known: &[&str],
        practice: bool,
        account: bool,
    ) {
        let Ok(names) = placeholders(template) else {
            self.add(place.clone(), Mistake::Braces(template.to_owned()));
            return;
        };
        for name in names.iter().filter(|name| !known.contains(name)) {
            let name = (*name).to_owned();
            let mistake = if account {
                Mistake::IdentityPlaceholder(name)
            } else {
                Mistake::Placeholder(name)
            };
            self.add(place.clone(), mistake);
        }
        if practice {
            if !is_local_path(template) {
                self.add(place.clone(), Mistake::NotAPath(template.to_owned()));
            }
            return;
        }
        let begins_with_metadata = account && template.starts_with('{');
        if !begins_with_metadata && !is_https(&with_samples(template)) {
            self.add(place.clone(), Mistake::NotHttps(template.to_owned()));
        }
    }

    fn look_at_authorize_style(&mut self, definition: &Definition) {
        let endpoints = &definition.endpoints;
        let fragment = endpoints.authorize.split_once('#').map(|(_, after)| after);
        let place = Place::of("endpoints").key("authorize");
        match (endpoints.authorize_style, fragment) {
            (AuthorizeStyle::Query, Some(_)) => self.add(place, Mistake::Fragment),
            (AuthorizeStyle::FragmentRoute, route)
                if !route.is_some_and(|r| r.starts_with('/')) =>
            {
                self.add(place, Mistake::NoFragmentRoute);
            }
            _ => {}
        }
    }

    fn look_at_links(&mut self, definition: &Definition) {
        let docs = definition
            .docs_url
            .iter()
            .map(|url| (Place::of("docs_url"), url));
        let issuer = definition
            .issuer
            .iter()
            .map(|url| (Place::of("issuer"), url));
        let steps = definition.guide.steps.iter().enumerate();
        let steps = steps.filter_map(|(index, step)| {
            let place = Place::of("guide").key("steps").index(index).key("link");
            step.link.as_ref().map(|link| (place, link))
        });
        let links: Vec<_> = docs.chain(issuer).chain(steps).collect();
        for (place, link) in links {
            if !is_https(link) {
                self.add(place, Mistake::NotHttps(link.clone()));
            }
        }
    }

    fn look_at_params(&mut self, definition: &Definition) {
        for name in definition.authorize_params.keys() {
            if is_reserved(name) {
                self.add(
                    Place::of("authorize_params").key(name),
                    Mistake::ReservedParam(name.clone()),
                );
            }
        }
    }

    fn look_at_scopes(&mut self, rules: &ScopeRules) {
        let top = Place::of("scopes");
        let needed = top.key("needed_for_refresh");
        for (index, name) in rules.needed_for_refresh.iter().enumerate() {
            self.look_at_scope_name(&needed.index(index), name);
        }
        let mut listed = HashSet::new();
        let always = top.key("always_granted");
        let mut scopes: Vec<_> = rules
            .always_granted
            .iter()
            .enumerate()
            .map(|(index, scope)| (always.index(index), scope))
            .collect();
        for (number, group) in rules.groups.iter().enumerate() {
            let place = top.key("groups").index(number).key("scopes");
            let group = group.scopes.iter().enumerate();
            scopes.extend(group.map(|(index, scope)| (place.index(index), scope)));
        }
        for (place, scope) in scopes {
            self.look_at_scope_name(&place, &scope.name);
            if !listed.insert(scope.name.as_str()) {
                self.add(place, Mistake::ScopeTwice(scope.name.clone()));
            }
        }
    }

    fn look_at_scope_name(&mut self, place: &Place, name: &str) {
        if Scopes::new([name]).is_err() {
            self.add(place.clone(), Mistake::ScopeName(name.to_owned()));
        }
    }

    fn look_at_inputs(&mut self, inputs: &[Input]) {
        let mut names = HashSet::new();
        for (index, input) in inputs.iter().enumerate() {
            let place = Place::of("inputs").index(index);
            if !is_input_name(&input.name) || !names.insert(input.name.as_str()) {
                self.add(place.key("name"), Mistake::InputName(input.name.clone()));
            }
            self.look_at_what_is_allowed(&place, input);
        }
    }

    fn look_at_what_is_allowed(&mut self, place: &Place, input: &Input) {
        let before = self.0.len();
        for (index, choice) in input.choices.iter().enumerate() {
            if !is_host_name(&choice.value) || choice.value == OTHER {
                let place = place.key("choices").index(index);
                self.add(place, Mistake::Choice(choice.value.clone()));
            }
        }
        for (index, suffix) in input.allowed_suffixes.iter().enumerate() {
            let domain = suffix.strip_prefix('.');
            if !domain.is_some_and(|d| d.contains('.') && is_host_name(d)) {
                let place = place.key("allowed_suffixes").index(index);
                self.add(place, Mistake::Suffix(suffix.clone()));
            }
        }
        if input.choices.is_empty() && input.allowed_suffixes.is_empty() {
            self.add(place.key("name"), Mistake::InputOpen(input.name.clone()));
        }
        let both = !input.choices.is_empty() && !input.allowed_suffixes.is_empty();
        if input.other.is_some() != both {
            let key = if both { "name" } else { "other" };
            self.add(place.key(key), Mistake::InputOther(input.name.clone()));
        }
        // whether the default is allowed can be told only when what is allowed makes sense
        let sound = before == self.0.len();
        if sound && input.accept(&input.default).as_ref() != Some(&input.default) {
            self.add(
                place.key("default"),
                Mistake::InputDefault {
                    input: input.name.clone(),
                    default: input.default.clone(),
                },
            );
        }
    }

    fn look_at_pointers(&mut self, identity: &Identity) {
        let top = Place::of("identity");
        let lists = [
            ("account_id", &identity.account_id),
            ("account_label", &identity.account_label),
        ];
        let listed = lists.iter().flat_map(|(key, pointers)| {
            let place = top.key(key);
            let pointers = pointers.iter().enumerate();
            pointers.map(move |(index, pointer)| (place.index(index), pointer))
        });
        let granted = identity.granted_scopes.iter();
        let granted = granted.map(|pointer| (top.key("granted_scopes"), pointer));
        for (place, pointer) in listed.chain(granted) {
            if !pointer.starts_with('/') {
                self.add(place, Mistake::Pointer(pointer.clone()));
            }
        }
    }
}

/// A template with a harmless label for each placeholder, to look at the rest of it.
fn with_samples(template: &str) -> String {
    let mut text = template.to_owned();
    while let Some((start, end)) = text.find('{').zip(text.find('}')) {
        if end < start {
            break;
        }
        text.replace_range(start..=end, "sample");
    }
    text
}

fn is_https(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
    })
}

fn is_local_path(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//") && !text.contains('\\')
}

fn is_input_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests;
