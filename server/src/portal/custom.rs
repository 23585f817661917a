//! Custom providers: asking an issuer, adding what is in no catalog, changing its addresses.

use super::fields::{self, Findings};
use super::{OrFail, PortalRequest, Task, actor};
use crate::catalog::{
    CUSTOM, CustomAuth, CustomDefinition, CustomPart, Mistake, ScopeSeparator, pointer,
};
use crate::domain::Provider;
use crate::oauth::discovery::{DiscoveryError, Found};
use crate::store::{Hosts, NewProvider, StoreError};
use app::portal::Answer;
use app::wire::{
    CustomFields, CustomFormView, CustomNote, CustomView, Field, FoundIssuer, NewCustomProvider,
    PortalError, Problem, SecretInput,
};
use std::collections::BTreeMap;

/// Longer than any address that somebody meant.
const LONGEST_URL: usize = 2000;
/// More pointers than anybody needs.
const MOST_POINTERS: usize = 10;

impl PortalRequest {
    pub(super) async fn new_custom_form(&self, application: &str) -> Answer<CustomFormView> {
        let (_, application) = self.within(Task::Configure, application).await?;
        let (_, id) = self.free_place(&application, CUSTOM).await?;
        Ok(CustomFormView {
            application: application.name,
            redirect_uri: self.state.upstreams.redirect_uri(&id),
        })
    }

    pub(super) async fn discover_issuer(
        &self,
        application: &str,
        issuer: &str,
    ) -> Answer<FoundIssuer> {
        self.within(Task::Configure, application).await?;
        let problem = match issuer.trim() {
            "" => Err(Problem::Missing),
            long if long.len() > LONGEST_URL => Err(Problem::TooLong(2000)),
            issuer => Ok(issuer),
        };
        let asked = match problem {
            Ok(issuer) => self.state.upstreams.discover(issuer).await,
            Err(problem) => return Err(PortalError::field(Field::Issuer, problem)),
        };
        match asked {
            Ok(found) => Ok(found_issuer(&found)),
            Err(error) => Err(PortalError::field(Field::Issuer, discovery_problem(error))),
        }
    }

    pub(super) async fn new_custom_provider(
        &self,
        application: &str,
        form: NewCustomProvider,
    ) -> Answer<String> {
        let (member, application) = self.within(Task::Configure, application).await?;
        let mut findings = Findings::default();
        let custom = self.read_custom(&mut findings, &form.fields).await;
        let client_id = findings.check(Field::ClientId, fields::client_id(&form.client_id));
        let secret = findings.check(
            Field::ClientSecret,
            fields::client_secret(form.client_secret),
        );
        let scopes = fields::scopes(Vec::new(), &form.scopes).map_err(|_| Problem::BadCharacters);
        let scopes = findings.check(Field::Scopes, scopes);
        let ((custom, scopes), (client_id, secret)) =
            findings.or(custom.zip(scopes).zip(client_id.zip(secret)))?;
        let (slug, id) = self.free_place(&application, CUSTOM).await?;
        let new = NewProvider {
            id,
            definition: CUSTOM.to_owned(),
            slug,
            client_id,
            client_secrets: vec![secret],
            inputs: BTreeMap::new(),
            custom: Some(custom),
            scopes,
            one_owner_per_account: form.one_owner_per_account,
            team_fallback: true,
        };
        let provider = self
            .state
            .store
            .create_provider(&application, new, actor(&member))
            .await
            .or_fail()?;
        self.prove(&provider).await;
        Ok(provider.slug.to_string())
    }

    pub(super) async fn change_custom(
        &self,
        application: &str,
        provider: &str,
        fields: CustomFields,
        secret: SecretInput,
    ) -> Answer<()> {
        let (member, _, provider) = self
            .within_provider(Task::ChangeSecrets, application, provider)
            .await?;
        let before = provider.custom.clone().ok_or(PortalError::NotFound)?;
        let mut findings = Findings::default();
        let fields = CustomFields {
            // where it came from is history
            issuer: before.issuer.clone().unwrap_or_default(),
            issuer_always_sent: yes(before.issuer_always_sent),
            ..fields
        };
        let custom = self.read_custom(&mut findings, &fields).await;
        let new_receiver = custom
            .as_ref()
            .and_then(|custom| custom.new_receiver(&before));
        let hosts = match new_receiver {
            Some(_) => Hosts::New(findings.check(Field::HostSecret, fields::client_secret(secret))),
            None => Hosts::Trusted,
        };
        let custom = findings.or(custom)?;
        let changed_keys = custom.changes_since(&before);
        if changed_keys.is_empty() {
            return Ok(());
        }
        let changed = Provider {
            custom: Some(custom),
            ..provider
        };
        let saved = self
            .state
            .store
            .update_place(&changed, &changed_keys, &hosts, actor(&member))
            .await;
        match (saved, new_receiver) {
            (Err(StoreError::Conflict), Some(part)) => {
                Err(PortalError::field(field_of(part), Problem::HoldsTokens))
            }
            (saved, _) => {
                saved.or_fail()?;
                self.prove(&changed).await;
                Ok(())
            }
        }
    }

    /// What the form says, if it is sound and the outbound policy allows all of it.
    async fn read_custom(
        &self,
        findings: &mut Findings,
        fields: &CustomFields,
    ) -> Option<CustomDefinition> {
        let name = findings.check(Field::ProviderName, fields::name(&fields.name));
        for (field, text) in [
            (Field::AuthorizeUrl, &fields.authorize_url),
            (Field::TokenUrl, &fields.token_url),
            (Field::RevokeUrl, &fields.revoke_url),
            (Field::ProfileUrl, &fields.profile_url),
            (Field::IntrospectionUrl, &fields.introspection_url),
            (Field::ApiUrl, &fields.api_url),
        ] {
            let required = matches!(field, Field::AuthorizeUrl | Field::TokenUrl);
            if required && text.trim().is_empty() {
                findings.add(field, Problem::Missing);
            } else if text.len() > LONGEST_URL {
                findings.add(field, Problem::TooLong(2000));
            }
        }
        let account_id = findings.check(Field::AccountId, pointers(&fields.account_id));
        let account_label = findings.check(Field::AccountLabel, pointers(&fields.account_label));
        let custom = CustomDefinition {
            name: name?,
            issuer: filled(&fields.issuer),
            issuer_always_sent: fields.issuer_always_sent == "yes",
            authorize: fields.authorize_url.trim().to_owned(),
            token: fields.token_url.trim().to_owned(),
            revoke: filled(&fields.revoke_url),
            profile: filled(&fields.profile_url),
            introspection: filled(&fields.introspection_url),
            api: filled(&fields.api_url),
            account_id: account_id?,
            account_label: account_label?,
            client_auth: match fields.client_auth.as_str() {
                "basic" => CustomAuth::Basic,
                _ => CustomAuth::Body,
            },
            pkce: fields.pkce == "yes",
            scope_separator: match fields.scope_separator.as_str() {
                "comma" => ScopeSeparator::Comma,
                _ => ScopeSeparator::Space,
            },
            offline_access: fields.offline_access == "yes",
        };
        if !findings.is_empty() {
            return None;
        }
        if let Err(mistakes) = custom.definition() {
            for (part, mistake) in mistakes {
                findings.add(field_of(part), mistake_problem(&mistake));
            }
        } else if let Err(part) = self.state.upstreams.vet(&custom).await {
            findings.add(field_of(part), Problem::Forbidden);
        }
        findings.is_empty().then_some(custom)
    }
}

/// The part of a provider's page that only a custom one has.
pub(super) fn custom_view(custom: &CustomDefinition) -> CustomView {
    let spans = custom.spans_domains().then_some(CustomNote::SpansDomains);
    CustomView {
        fields: fields_of(custom),
        notes: spans.into_iter().collect(),
    }
}

fn found_issuer(found: &Found) -> FoundIssuer {
    let definition = &found.definition;
    let notes = [
        (CustomNote::SpansDomains, definition.spans_domains()),
        (CustomNote::NoPkce, !definition.pkce),
        (CustomNote::OtherClientAuth, found.other_client_auth),
    ];
    FoundIssuer {
        fields: fields_of(definition),
        scopes: found.scopes.join(" "),
        notes: notes
            .into_iter()
            .filter_map(|(note, holds)| holds.then_some(note))
            .collect(),
    }
}

fn fields_of(custom: &CustomDefinition) -> CustomFields {
    CustomFields {
        name: custom.name.clone(),
        issuer: custom.issuer.clone().unwrap_or_default(),
        issuer_always_sent: yes(custom.issuer_always_sent),
        authorize_url: custom.authorize.clone(),
        token_url: custom.token.clone(),
        revoke_url: custom.revoke.clone().unwrap_or_default(),
        profile_url: custom.profile.clone().unwrap_or_default(),
        introspection_url: custom.introspection.clone().unwrap_or_default(),
        api_url: custom.api.clone().unwrap_or_default(),
        account_id: custom.account_id.join(" "),
        account_label: custom.account_label.join(" "),
        client_auth: match custom.client_auth {
            CustomAuth::Basic => "basic",
            CustomAuth::Body => "body",
        }
        .to_owned(),
        pkce: yes(custom.pkce),
        scope_separator: match custom.scope_separator {
            ScopeSeparator::Space => "space",
            ScopeSeparator::Comma => "comma",
        }
        .to_owned(),
        offline_access: yes(custom.offline_access),
    }
}

fn yes(holds: bool) -> String {
    if holds { "yes" } else { "" }.to_owned()
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Pointers with spaces between, each with or without a source before it.
fn pointers(text: &str) -> Result<Vec<String>, Problem> {
    let mut pointers: Vec<String> = Vec::new();
    let mut joins = false;
    for word in text.split_whitespace() {
        match pointers.last_mut() {
            Some(last) if word == "+" => last.push_str(pointer::JOIN),
            Some(last) if joins => last.push_str(word),
            _ => pointers.push(word.to_owned()),
        }
        joins = word == "+";
    }
    let is_one = |text: &str| {
        pointer::Source::split(text).is_some_and(|(_, pointer)| pointer::is_pointer(pointer))
    };
    let sound = |text: &String| text.split(pointer::JOIN).all(is_one);
    if pointers.len() > MOST_POINTERS || !pointers.iter().all(sound) {
        return Err(Problem::NotAPointer);
    }
    Ok(pointers)
}

fn field_of(part: CustomPart) -> Field {
    match part {
        CustomPart::Name => Field::ProviderName,
        CustomPart::Issuer => Field::Issuer,
        CustomPart::Authorize => Field::AuthorizeUrl,
        CustomPart::Token => Field::TokenUrl,
        CustomPart::Revoke => Field::RevokeUrl,
        CustomPart::Profile => Field::ProfileUrl,
        CustomPart::Introspection => Field::IntrospectionUrl,
        CustomPart::Api => Field::ApiUrl,
        CustomPart::AccountId => Field::AccountId,
        CustomPart::AccountLabel => Field::AccountLabel,
    }
}

fn mistake_problem(mistake: &Mistake) -> Problem {
    match mistake {
        Mistake::NoPointer => Problem::Missing,
        Mistake::NoProfile(_) | Mistake::Pointer(_) => Problem::NotAPointer,
        _ => Problem::NotHttps,
    }
}

fn discovery_problem(error: DiscoveryError) -> Problem {
    match error {
        DiscoveryError::NotAnIssuer => Problem::NotHttps,
        DiscoveryError::Refused => Problem::Forbidden,
        DiscoveryError::NoDocument => Problem::NoMetadata,
        DiscoveryError::OtherIssuer => Problem::OtherIssuer,
        DiscoveryError::Incomplete => Problem::IncompleteMetadata,
        DiscoveryError::Endpoint(_) => Problem::ForbiddenEndpoint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_read_with_their_sources() {
        assert_eq!(
            pointers("/sub  token:/team/id\nid_token:/email"),
            Ok(vec![
                "/sub".to_owned(),
                "token:/team/id".to_owned(),
                "id_token:/email".to_owned()
            ])
        );
        assert_eq!(
            pointers("token:/team/id + /sub /id"),
            Ok(vec!["token:/team/id + /sub".to_owned(), "/id".to_owned()])
        );
        assert_eq!(pointers("  "), Ok(Vec::new()));
        for wrong in [
            "sub",
            "+ /sub",
            "/sub +",
            "/a b",
            "elsewhere:/id",
            &"/a ".repeat(11),
        ] {
            assert_eq!(pointers(wrong), Err(Problem::NotAPointer), "{wrong}");
        }
    }

    #[test]
    fn what_the_form_holds_and_what_is_kept_are_the_same() {
        let custom = CustomDefinition {
            name: "Acme".to_owned(),
            issuer: Some("https://login.acme.example".to_owned()),
            issuer_always_sent: true,
            authorize: "https://login.acme.example/a".to_owned(),
            token: "https://api.acme.dev/t".to_owned(),
            revoke: None,
            profile: Some("https://api.acme.dev/me".to_owned()),
            introspection: None,
            api: None,
            account_id: vec!["/sub".to_owned()],
            account_label: vec!["/email".to_owned(), "/name".to_owned()],
            client_auth: CustomAuth::Basic,
            pkce: true,
            scope_separator: ScopeSeparator::Comma,
            offline_access: true,
        };
        let view = custom_view(&custom);
        assert_eq!(view.notes, [CustomNote::SpansDomains]);
        assert_eq!(view.fields.account_label, "/email /name");
        assert_eq!(view.fields.client_auth, "basic");
        assert_eq!(view.fields.revoke_url, "");
    }
}
