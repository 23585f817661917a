//! What must hold in a definition beyond its shape.
//!
//! A definition decides where client secrets and tokens are sent, so what it says is checked
//! before anyone follows it, and a mistake names the line and the fix.

use super::definition::{
    AskedOf, AuthorizeStyle, BodyFormat, CallbackRules, ClientAuth, Credentials, Definition,
    Expiry, Identity, Input, Metadata, ProviderApi, Reuse, ScopeRules,
};
use super::input::{OTHER, is_host_name};
use super::pointer::{JOIN, Source, is_pointer};
use super::problem::Mistake;
use super::read::Place;
use super::template::placeholders;
use crate::domain::{Scopes, Slug};
use crate::oauth::authorize::is_reserved;
use std::collections::{BTreeMap, HashSet};
use url::Url;

/// Everything that is wrong with `definition`, read from `file`.
pub(super) fn check(file: &str, definition: &Definition) -> Vec<(Place, Mistake)> {
    let mut found = Found::default();
    found.look_at_head(file, definition);
    found.look_at_addresses(definition);
    found.look_at_params(definition);
    found.look_at_scopes(&definition.scopes);
    found.look_at_inputs(definition);
    found.look_at_callback(&definition.callback);
    if definition.credentials == Credentials::PerConnection
        && definition.callback.signature.is_some()
    {
        found.add(
            Place::of("callback").key("signature"),
            Mistake::SignedByCustomers,
        );
    }
    found.look_at_answers(definition);
    if let Some(identity) = &definition.identity {
        found.look_at_identity(identity);
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
        let filled_in: Vec<&str> = definition
            .inputs
            .iter()
            .flat_map(|input| {
                let sets = input.choices.iter().flat_map(|choice| choice.sets.keys());
                std::iter::once(&input.name).chain(sets)
            })
            .map(String::as_str)
            .collect();
        let captured = definition.callback.capture.iter().map(|c| c.name.as_str());
        let called: Vec<&str> = filled_in
            .iter()
            .copied()
            .chain(captured)
            .chain(["client_id"])
            .collect();
        let told = definition.token_metadata.iter().map(Metadata::name);
        let known: Vec<&str> = called.iter().copied().chain(told).collect();
        let kept = definition.identity.iter();
        let kept = kept.flat_map(|identity| identity.metadata.keys().map(String::as_str));
        let all: Vec<&str> = known.iter().copied().chain(kept).collect();
        let api = definition.api.as_ref();

        let endpoints = Place::of("endpoints");
        let revocation = definition.revocation.as_ref().map(|way| &way.url);
        let introspection = match &definition.expiry {
            Expiry::Introspection { url, .. } => Some(url),
            _ => None,
        };
        let asked = definition.introspection.as_ref().map(|asked| &asked.url);
        let identity = definition.identity.as_ref();
        let profile = identity.and_then(|identity| identity.url.as_ref());
        let addresses = [
            (
                endpoints.key("authorize"),
                Some(&definition.endpoints.authorize),
                &filled_in,
            ),
            (
                endpoints.key("token"),
                Some(&definition.endpoints.token),
                &called,
            ),
            (
                endpoints.key("refresh"),
                definition.endpoints.refresh.as_ref(),
                &called,
            ),
            (Place::of("expiry").key("url"), introspection, &known),
            (Place::of("introspection").key("url"), asked, &known),
            (Place::of("revocation").key("url"), revocation, &known),
            (Place::of("identity").key("url"), profile, &known),
            (Place::of("api").key("base"), api.map(|api| &api.base), &all),
        ];
        for (place, template, known) in addresses {
            if let Some(template) = template {
                self.look_at_template(&place, template, known, definition);
            }
        }
        if let Some(api) = api {
            self.look_at_api(api, &all);
        }
        self.look_at_authorize_style(definition);
        self.look_at_links(definition);
    }

    /// Paths are joined to the base as they come, so nothing may follow its path; and a header that can
    /// never be filled in would be missing from every call.
    fn look_at_api(&mut self, api: &ProviderApi, known: &[&str]) {
        let place = Place::of("api");
        if api.base.contains(['?', '#']) {
            self.add(place.key("base"), Mistake::ApiBase(api.base.clone()));
        }
        for (name, value) in &api.headers {
            let place = place.key("headers").key(name);
            match placeholders(value) {
                Ok(names) => {
                    for unknown in names.into_iter().filter(|name| !known.contains(name)) {
                        self.add(place.clone(), Mistake::Placeholder(unknown.to_owned()));
                    }
                }
                Err(_) => self.add(place.clone(), Mistake::Braces(value.clone())),
            }
            if !is_settable(name, value) {
                self.add(place, Mistake::Header(name.clone()));
            }
        }
    }

    /// One URL template. What is in it decides where a secret goes.
    fn look_at_template(
        &mut self,
        place: &Place,
        template: &str,
        known: &[&str],
        definition: &Definition,
    ) {
        let Ok(names) = placeholders(template) else {
            self.add(place.clone(), Mistake::Braces(template.to_owned()));
            return;
        };
        for name in names.iter().filter(|name| !known.contains(name)) {
            self.add(place.clone(), Mistake::Placeholder((*name).to_owned()));
        }
        if definition.practice {
            if !is_local_path(template) {
                self.add(place.clone(), Mistake::NotAPath(template.to_owned()));
            }
            return;
        }
        if template.contains('#') && place.path() != "endpoints.authorize" {
            self.add(place.clone(), Mistake::FragmentLost(template.to_owned()));
        }
        // what the provider told can be a whole address, which is checked when it is put in
        let told = |name: &&str| !definition.inputs.iter().any(|input| input.name == **name);
        let begins_with_one = template.starts_with('{') && names.first().is_some_and(told);
        if !begins_with_one && !is_https(&with_samples(template)) {
            self.add(place.clone(), Mistake::NotHttps(template.to_owned()));
        }
        self.look_at_what_decides_the_host(place, template, &names, definition);
    }

    fn look_at_what_decides_the_host(
        &mut self,
        place: &Place,
        template: &str,
        names: &[&str],
        definition: &Definition,
    ) {
        let in_host = |name: &str| host_of(template).contains(&format!("{{{name}}}"));
        for name in names {
            let input = definition.inputs.iter().find(|input| input.name == *name);
            if input.is_some_and(|input| input.word) && in_host(name) {
                self.add(place.clone(), Mistake::WordInHost((*name).to_owned()));
            }
            let captured = definition.callback.capture.iter().find(|c| c.name == *name);
            if let Some(captured) = captured {
                if captured.allowed.is_empty() && captured.equals.is_none() && in_host(name) {
                    self.add(place.clone(), Mistake::CapturedOpen((*name).to_owned()));
                }
                if captured.default.is_none() && place.is_below("endpoints") {
                    self.add(place.clone(), Mistake::CapturedDefault((*name).to_owned()));
                }
            }
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
        for (key, params) in [
            ("token_params", &definition.token_params),
            ("refresh_params", &definition.refresh_params),
        ] {
            for name in params.keys().filter(|name| is_reserved_at_token(name)) {
                let place = Place::of(key).key(name);
                self.add(place, Mistake::ReservedParam(name.clone()));
            }
        }
        for name in definition.param_names.keys() {
            if !RENAMED.contains(&name.as_str()) {
                let place = Place::of("param_names").key(name);
                self.add(place, Mistake::ParamName(name.clone(), RENAMED_WORDS));
            }
        }
        let none = BTreeMap::new();
        let identity = definition
            .identity
            .as_ref()
            .map(|identity| &identity.headers);
        let revocation = definition.revocation.as_ref().map(|way| &way.headers);
        for (place, headers) in [
            (Place::of("token_headers"), &definition.token_headers),
            (
                Place::of("identity").key("headers"),
                identity.unwrap_or(&none),
            ),
            (
                Place::of("revocation").key("headers"),
                revocation.unwrap_or(&none),
            ),
        ] {
            for (name, value) in headers {
                if !is_settable(name, value) {
                    self.add(place.key(name), Mistake::Header(name.clone()));
                }
            }
        }
        if definition.token_body == BodyFormat::None {
            self.add(Place::of("token_body"), Mistake::TokenBody);
        }
        if definition.client_auth == ClientAuth::Token {
            self.add(Place::of("client_auth"), Mistake::TokenAuth);
        }
    }

    fn look_at_scopes(&mut self, rules: &ScopeRules) {
        let top = Place::of("scopes");
        for (index, param) in rules.more_params.iter().enumerate() {
            if is_reserved(param) || param.contains(':') || param.is_empty() {
                let place = top.key("more_params").index(index);
                self.add(place, Mistake::ScopeParam(param.clone()));
            }
        }
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

    fn look_at_inputs(&mut self, definition: &Definition) {
        let mut names = HashSet::new();
        for (index, input) in definition.inputs.iter().enumerate() {
            let place = Place::of("inputs").index(index);
            if !is_input_name(&input.name) || !names.insert(input.name.as_str()) {
                self.add(place.key("name"), Mistake::InputName(input.name.clone()));
            }
            let of_a_stranger = input.asked_of == AskedOf::EndUser
                && definition.credentials == Credentials::PerProvider;
            if input.any_host && of_a_stranger {
                self.add(
                    place.key("any_host"),
                    Mistake::InputAnyHost(input.name.clone()),
                );
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
        let listed = !input.choices.is_empty() || !input.allowed_suffixes.is_empty();
        let ways = [
            listed,
            input.subdomain_of.is_some(),
            input.any_host,
            input.word,
        ];
        if ways.iter().filter(|way| **way).count() != 1 {
            self.add(place.key("name"), Mistake::InputOpen(input.name.clone()));
        }
        let domain = input.subdomain_of.as_ref();
        if let Some(domain) = domain.filter(|domain| !domain.contains('.') || !is_host_name(domain))
        {
            let mistake = Mistake::Suffix(format!(".{domain}"));
            self.add(place.key("subdomain_of"), mistake);
        }
        let first = input.choices.first().map(|choice| choice.sets.keys());
        let alike = |choice: &super::definition::Choice| {
            first
                .clone()
                .is_none_or(|names| names.eq(choice.sets.keys()))
        };
        if !input.choices.iter().all(alike) {
            self.add(
                place.key("choices"),
                Mistake::ChoiceSets(input.name.clone()),
            );
        }
        let both = !input.choices.is_empty() && !input.allowed_suffixes.is_empty();
        if input.other.is_some() != both {
            let key = if both { "name" } else { "other" };
            self.add(place.key(key), Mistake::InputOther(input.name.clone()));
        }
        // whether the default is allowed can be told only when what is allowed makes sense
        let sound = before == self.0.len();
        let default = &input.default;
        if sound && !default.is_empty() && input.accept(default).as_ref() != Some(default) {
            self.add(
                place.key("default"),
                Mistake::InputDefault {
                    input: input.name.clone(),
                    default: input.default.clone(),
                },
            );
        }
    }

    fn look_at_callback(&mut self, rules: &CallbackRules) {
        let top = Place::of("callback");
        for (index, captured) in rules.capture.iter().enumerate() {
            if is_reserved(&captured.name) || captured.name == "code" {
                let place = top.key("capture").index(index).key("name");
                self.add(place, Mistake::ReservedCallback(captured.name.clone()));
            }
        }
        for (index, name) in rules.echo.iter().enumerate() {
            if is_reserved_at_token(name) {
                let place = top.key("echo").index(index);
                self.add(place, Mistake::ReservedCallback(name.clone()));
            }
        }
    }

    fn look_at_answers(&mut self, definition: &Definition) {
        let answer = &definition.token_answer;
        let top = Place::of("token_answer");
        if answer.access_token.is_empty() {
            self.add(top.key("access_token"), Mistake::NoPointer);
        }
        let ok: Vec<String> = answer.ok.iter().cloned().collect();
        for (key, pointers) in [
            ("access_token", &answer.access_token),
            ("refresh_token", &answer.refresh_token),
            ("expires_in", &answer.expires_in),
            ("refresh_expires_in", &answer.refresh_expires_in),
            ("scope", &answer.scope),
            ("error", &answer.error),
            ("ok", &ok),
        ] {
            self.look_at_pointers(&top.key(key), pointers);
        }
        if let Some(second) = &definition.second_token {
            let top = Place::of("second_token");
            for (key, pointers) in [
                ("access_token", &second.access_token),
                ("refresh_token", &second.refresh_token),
                ("expires_in", &second.expires_in),
                ("scope", &second.scope),
                ("account_id", &second.account_id),
                ("account_label", &second.account_label),
            ] {
                self.look_at_pointers(&top.key(key), pointers);
            }
        }
        for (index, kept) in definition.token_metadata.iter().enumerate() {
            let place = Place::of("token_metadata").index(index);
            self.look_at_pointers(&place, &[kept.pointer()]);
        }
        if let Expiry::ExpiresAt { pointer, .. } = &definition.expiry {
            let place = Place::of("expiry").key("pointer");
            self.look_at_pointers(&place, std::slice::from_ref(pointer));
        }
        if let Some(pointer) = definition
            .revocation
            .as_ref()
            .and_then(|way| way.ok.as_ref())
        {
            let place = Place::of("revocation").key("ok");
            self.look_at_pointers(&place, std::slice::from_ref(pointer));
        }
        let refresh = &definition.refresh;
        if (refresh.reuse == Reuse::Grace) != refresh.grace_s.is_some() {
            self.add(Place::of("refresh").key("reuse"), Mistake::Grace);
        }
    }

    fn look_at_pointers(&mut self, place: &Place, pointers: &[String]) {
        for pointer in pointers.iter().filter(|pointer| !is_pointer(pointer)) {
            self.add(place.clone(), Mistake::Pointer(pointer.clone()));
        }
    }

    fn look_at_identity(&mut self, identity: &Identity) {
        let top = Place::of("identity");
        if identity.account_id.is_empty() {
            self.add(top.key("account_id"), Mistake::NoPointer);
        }
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
        let kept = identity.metadata.iter();
        let kept = kept.map(|(name, pointer)| (top.key("metadata").key(name), pointer));
        for (place, pointers) in listed.chain(granted).chain(kept) {
            for pointer in pointers.split(JOIN) {
                match Source::split(pointer) {
                    Some((Source::Profile, _)) if identity.url.is_none() => {
                        self.add(place.clone(), Mistake::NoProfile(pointer.to_owned()));
                    }
                    Some((_, inner)) if is_pointer(inner) => {}
                    _ => self.add(place.clone(), Mistake::Pointer(pointers.clone())),
                }
            }
        }
        let body = identity.body.as_deref();
        if let Some(Err(error)) = body.map(serde_json::from_str::<serde_json::Value>) {
            self.add(top.key("body"), Mistake::NotJson(error.to_string()));
        }
    }
}

/// Standard parameters that a provider may call otherwise.
const RENAMED: [&str; 3] = ["client_id", "client_secret", "response_type"];
const RENAMED_WORDS: &str = "client_id, client_secret and response_type";

/// Parameters of the token endpoint that belong to the engine.
fn is_reserved_at_token(name: &str) -> bool {
    const RESERVED: [&str; 7] = [
        "client_id",
        "client_secret",
        "code",
        "code_verifier",
        "grant_type",
        "redirect_uri",
        "refresh_token",
    ];
    RESERVED.contains(&name)
}

fn is_settable(name: &str, value: &str) -> bool {
    const OURS: [&str; 7] = [
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "transfer-encoding",
    ];
    http::HeaderName::try_from(name).is_ok_and(|name| !OURS.contains(&name.as_str()))
        && http::HeaderValue::from_str(value).is_ok()
}

/// The part of a template that decides which host is asked: up to the first slash behind the scheme.
/// A template that begins with a placeholder takes its host from there.
#[must_use]
pub fn host_of(template: &str) -> &str {
    let rest = template
        .split_once("://")
        .map_or(template, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
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
