//! API keys: one that works, one that is on its way out, one that is over.

use super::sample::{DAY, MINUTE, NOW, SamplePortal};
use crate::portal::{Answer, Keying};
use crate::wire::*;
use async_trait::async_trait;

fn key(id: &str) -> ApiKeySummary {
    let live = ApiKeySummary {
        id: id.into(),
        name: "backend".into(),
        hint: "gp_4Tw5..9fQe".into(),
        state: KeyState::Live,
        scopes: KeyScope::ALL[..6].to_vec(),
        providers: vec![],
        ip_ranges: vec![],
        expires_at: None,
        rate_per_s: None,
        created_at: NOW - 40 * DAY,
        created_by: "Mara Lindqvist".into(),
        last_used_at: Some(NOW - 4 * MINUTE),
        deprecated_at: None,
        revoked_at: None,
    };
    match id {
        "key_old" => ApiKeySummary {
            state: KeyState::Deprecated,
            providers: vec!["apollo".into()],
            ip_ranges: vec!["203.0.113.0/24".into()],
            deprecated_at: Some(NOW - DAY),
            expires_at: Some(NOW + 6 * DAY),
            ..live
        },
        "key_over" => ApiKeySummary {
            state: KeyState::Revoked,
            last_used_at: None,
            revoked_at: Some(NOW - 3 * DAY),
            ..live
        },
        _ => live,
    }
}

fn choices() -> KeyChoices {
    KeyChoices {
        providers: vec![
            ("apollo".into(), "Apollo.io".into()),
            ("attio".into(), "Attio".into()),
        ],
        usual_rate: 100,
    }
}

fn made() -> NewApiKey {
    NewApiKey {
        name: "backend".into(),
        key: "gp_the-whole-key".into(),
    }
}

#[async_trait]
impl Keying for SamplePortal {
    async fn keys(&self, application: &str) -> Answer<KeysView> {
        self.known(application)?;
        Ok(KeysView {
            application: "CRM Sync".into(),
            keys: ["key_1", "key_old", "key_over"].map(key).to_vec(),
            made: (!self.empty).then(made),
            choices: choices(),
            public_url: "https://connect.acme.example".into(),
        })
    }

    async fn create_key(&self, application: &str, _form: KeyForm) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }

    async fn key(&self, application: &str, id: &str) -> Answer<KeyView> {
        self.known(application)?;
        let link = |id: &str| KeyLink {
            id: id.into(),
            hint: "gp_4Tw5..9fQe".into(),
            last_used_at: Some(NOW - 4 * MINUTE),
        };
        let key = key(id);
        Ok(KeyView {
            application: "CRM Sync".into(),
            used_lately: key.last_used_at.is_some(),
            key,
            made: (id == "key_new").then(made),
            successor: (id == "key_old").then(|| link("key_new")),
            replaces: (id == "key_new").then(|| link("key_old")),
            choices: choices(),
        })
    }

    async fn change_key(&self, application: &str, _id: &str, _form: KeyForm) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }

    async fn rotate_key(&self, application: &str, _id: &str, _: Overlap) -> Answer<String> {
        self.known(application)?;
        self.changed("key_new".into())
    }

    async fn deprecate_key(&self, application: &str, _id: &str, _: bool) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }

    async fn revoke_key(&self, application: &str, _id: &str, _: bool) -> Answer<()> {
        self.known(application)?;
        self.changed(())
    }
}
