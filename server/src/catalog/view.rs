//! Definitions as the portal's and the end user's pages receive them.

use super::definition::{AskedOf, Credentials, Definition, Input, Scope};
use super::languages::{own_app, translated};
use super::origin::OriginOverrides;
use crate::domain::Scopes;
use app::wire::{
    DefinitionTile, DefinitionView, GuideStep, InputView, Language, ProviderMark, ScopeChoice,
    ScopeGroup,
};

impl Definition {
    /// How it is drawn.
    #[must_use]
    pub fn provider_mark(&self) -> ProviderMark {
        ProviderMark {
            name: self.name.clone(),
            initials: self.mark.initials.clone(),
            hue: self.mark.hue,
        }
    }

    /// Its tile in the gallery. `added`: the application has it already.
    #[must_use]
    pub fn tile(&self, added: bool) -> DefinitionTile {
        DefinitionTile {
            id: self.id.clone(),
            mark: self.provider_mark(),
            category: self.category.clone(),
            remark: self.remark.clone(),
            trust: self.trust.level,
            added,
        }
    }

    /// All that the set-up form shows, with `chosen` ticked (for a new provider:
    /// [`suggested`](Self::suggested)). Scopes that are asked for in every request are ticked too.
    #[must_use]
    pub fn view(&self, chosen: &Scopes, overrides: &OriginOverrides) -> DefinitionView {
        let steps = self.guide.steps.iter().map(|step| GuideStep {
            title: step.title.clone(),
            text: step.text.clone(),
            link: step.link.as_deref().map(|link| overrides.apply_str(link)),
        });
        let always = self.scopes.always_granted.iter();
        let groups = self.scopes.groups.iter().map(|group| ScopeGroup {
            title: group.title.clone(),
            scopes: group
                .scopes
                .iter()
                .map(|scope| {
                    let ticked =
                        chosen.contains(&scope.name) || self.is_needed_for_refresh(&scope.name);
                    choice(scope, ticked)
                })
                .collect(),
        });
        DefinitionView {
            id: self.id.clone(),
            mark: self.provider_mark(),
            short_name: self.short_name.clone(),
            category: self.category.clone(),
            trust: self.trust.level,
            trust_since: self.trust.since.clone(),
            lead: self.guide.lead.clone(),
            steps: steps.collect(),
            good_to_know: self.guide.good_to_know.clone(),
            client_id_hint: self.guide.client_id_hint.clone(),
            scopes_set_at_provider: self.scopes.set_at_provider.clone(),
            always_granted: always.map(|scope| choice(scope, true)).collect(),
            scope_groups: groups.collect(),
            facts: self.facts(),
            is_practice: self.practice,
            brings_own_credentials: self.credentials == Credentials::PerConnection,
        }
    }

    /// What `asked_of` fills in first, with the defaults in place.
    #[must_use]
    pub fn input_views(&self, asked_of: AskedOf, language: Language) -> Vec<InputView> {
        let own = (asked_of == AskedOf::EndUser && self.credentials == Credentials::PerConnection)
            .then(|| self.own_credentials(language));
        self.inputs_of(asked_of)
            .map(|input| input.view(language))
            .chain(own.into_iter().flatten())
            .collect()
    }

    /// The fields for credentials that whoever connects brings.
    fn own_credentials(&self, language: Language) -> [InputView; 2] {
        let field = |name: &str, label: &str, hint: String| InputView {
            name: name.to_owned(),
            label: label.to_owned(),
            hint,
            value: String::new(),
            choices: Vec::new(),
            endings: Vec::new(),
            other: None,
            secret: name == "client_secret",
        };
        let whose = own_app(language, &self.short_name);
        [
            field("client_id", "Client ID", whose),
            field("client_secret", "Client Secret", String::new()),
        ]
    }
}

impl Input {
    /// How a free text ends, for the page.
    fn endings(&self) -> Vec<String> {
        let domain = self.subdomain_of.iter().map(|domain| format!(".{domain}"));
        self.allowed_suffixes
            .iter()
            .cloned()
            .chain(domain)
            .collect()
    }

    fn view(&self, language: Language) -> InputView {
        let words = |english: &str| translated(language, english);
        let choices = self.choices.iter();
        InputView {
            name: self.name.clone(),
            label: words(&self.label),
            hint: words(&self.hint),
            value: self.default.clone(),
            choices: choices
                .map(|choice| (choice.value.clone(), words(&choice.words)))
                .collect(),
            endings: self.endings(),
            other: self.other.as_deref().map(words),
            secret: false,
        }
    }
}

fn choice(scope: &Scope, chosen: bool) -> ScopeChoice {
    ScopeChoice {
        name: scope.name.clone(),
        words: scope.words.clone(),
        chosen,
    }
}
