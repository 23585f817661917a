//! Another organization's ids are worth no more than made-up ones (R65).
//!
//! Two organizations with the same things in them. The owner of one, and its backend, ask for every
//! address of the table that has an id in it: with the other's ids, with the other's ids under an
//! application of their own, with the ids of another application of their own, and with ids that
//! nothing has. The answers must be the same to the byte, and the other organization as it was.

use super::table::{Ids, Key, Members, TABLE};
use super::{Stage, ask};
use crate::support::canary::rows;
use crate::support::seed::{Seed, admin, application, new_provider, organization};
use crate::support::site::{Browser, Reply, Site};
use app::wire::{RevokeReason, Role};
use serde_json::Value;
use server::api::key::ApiKeyText;
use server::domain::{
    Endpoint, Mailing, Member, OrganizationId, Owner, Subscription, WebhookSecret,
};
use server::store::db::Row;
use server::store::{
    ConnectionQuery, EndpointSetting, Invited, NewBulkRevocation, NewInvitation, NewMember, Store,
};
use server::vault::{Secret, TokenHash};
use std::collections::BTreeSet;

/// What stands below an application.
const INNER: [&str; 7] = [
    "{id}",
    "{connection}",
    "{key}",
    "{secret}",
    "{run}",
    "{webhook}",
    "{delivery}",
];

/// An application with one of everything.
struct Furnished {
    ids: Ids,
    key: String,
}

impl Furnished {
    async fn new(site: &Site, tenant: &OrganizationId, slug: &str) -> Self {
        let store = &site.db.store;
        let application = application(store, tenant, slug).await;
        let provider = store
            .create_provider(&application, new_provider("house"), admin())
            .await
            .unwrap();
        let key = ApiKeyText::make();
        store
            .create_api_key(&application, "backend", &key.hint, &key.hash, admin())
            .await
            .unwrap();
        let live = store.live_api_key(&key.hash).await.unwrap().unwrap();
        let seed = Seed {
            store: store.clone(),
            application,
            provider,
            key: live,
        };
        let connection = seed.connect(&format!("mia-of-{slug}")).await;
        let (session, _) = seed.session(Owner::Personal("mia".to_owned()), "mia").await;
        let query = ConnectionQuery::default();
        let new = NewBulkRevocation {
            query: &query,
            criteria: "{}".to_owned(),
            expected: 1,
            reason: RevokeReason::Leaving,
            note: "x".to_owned(),
        };
        let run = store
            .begin_bulk_revocation(&seed.application, new, admin())
            .await;
        let member = NewMember {
            email: format!("ada@{slug}.example"),
            name: "Ada".to_owned(),
            role: Role::Owner,
            password: Secret::from("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"),
        };
        let member = store.create_member(tenant, member, admin()).await.unwrap();
        let secrets = store.client_secret_hints(&seed.provider.id).await.unwrap();
        let webhook = webhook(&seed).await;
        let ids = Ids {
            app: slug.to_owned(),
            provider: "house".to_owned(),
            connection: connection.id.to_string(),
            session: session.id.to_string(),
            key: seed.key.id.to_string(),
            secret: secrets[0].id.to_string(),
            run: run.unwrap().expect("a run").id.to_string(),
            member: member.id.to_string(),
            invitation: invitation(store, &member).await,
            delivery: store.send_test(&webhook).await.unwrap().to_string(),
            webhook: webhook.id.to_string(),
        };
        Self {
            ids,
            key: key.text.expose().clone(),
        }
    }
}

/// An endpoint of the application.
async fn webhook(seed: &Seed) -> Endpoint {
    let wanted = EndpointSetting {
        url: "https://app.acme.example/hooks".to_owned(),
        description: String::new(),
        events: Subscription::new(&["*"]).unwrap(),
    };
    let whose = (&seed.application.organization, &seed.application.id);
    let secret = WebhookSecret::make();
    let made = seed
        .store
        .create_endpoint(whose, &wanted, &secret, admin())
        .await;
    made.unwrap().expect("an endpoint")
}

/// An open invitation by this member.
async fn invitation(store: &Store, member: &Member) -> String {
    let new = NewInvitation {
        email: format!("new-{}", member.email),
        role: Role::Support,
        token: TokenHash::of(member.id.as_str()),
        mail: Mailing::None,
    };
    match store.invite(member, new).await.unwrap() {
        Invited::Done(invitation) => invitation.id.to_string(),
        other => panic!("{other:?}"),
    }
}

/// An answer without what differs from one time to the next.
fn settled(answer: &Reply, ids: &Ids) -> (u16, String, String) {
    let mut text = ids.taken_out_of(&answer.text);
    let policy = answer.header("content-security-policy");
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next());
    for once in [nonce, Some(answer.header("x-request-id"))] {
        if let Some(once) = once.filter(|once| !once.is_empty()) {
            text = text.replace(once, "ONCE");
        }
    }
    let location = ids.taken_out_of(answer.location());
    (answer.status.as_u16(), location, text)
}

fn from_first_difference<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b);
    let from = same.count();
    one.get(from..(from + 80).min(one.len()))
        .unwrap_or_default()
}

/// What belongs to the other organization, row by row.
async fn rows_of(
    site: &Site,
    tenant: &OrganizationId,
) -> BTreeSet<(String, Vec<(String, Vec<u8>)>)> {
    let owned = |row: &Row| {
        row.text("organization_id")
            .is_ok_and(|id| id == tenant.as_str())
    };
    let rows = rows(&site.db).await.into_iter();
    rows.filter(|(_, row)| owned(row))
        .map(|(table, row)| (table, row.dump()))
        .collect()
}

async fn call(site: &Site, key: &str, method: &str, path: &str, body: &str, ids: &Ids) -> Reply {
    let body = serde_json::from_str(&ids.into(body)).unwrap_or(Value::Null);
    site.api(key, method, &ids.into(path), &body).await
}

/// Asks for everything that has an id in it, with ids of somebody else and with ids of nobody.
async fn must_not_tell_apart(
    browser: &Browser,
    site: &Site,
    key: &str,
    theirs: &Ids,
    nobodys: &Ids,
    names: &[&str],
) -> usize {
    let mut asked = 0;
    for (method, path, may, form) in TABLE {
        let is_named = |name: &&str| path.contains(*name) || form.contains(*name);
        if !names.iter().any(is_named) {
            continue;
        }
        let (found, made_up) = match may {
            Members(_) => (
                ask(browser, method, path, form, theirs).await,
                ask(browser, method, path, form, nobodys).await,
            ),
            Key => {
                let path = path.strip_prefix("/api/v1").expect("an address of the API");
                (
                    call(site, key, method, path, form, theirs).await,
                    call(site, key, method, path, form, nobodys).await,
                )
            }
            super::table::Anyone => continue,
        };
        asked += 1;
        let (found, made_up) = (settled(&found, theirs), settled(&made_up, nobodys));
        let status = found.0;
        assert!(
            found == made_up,
            "{method} {path}: {status} {:?} and {} {:?}",
            from_first_difference(&found.2, &made_up.2),
            made_up.0,
            from_first_difference(&made_up.2, &found.2),
        );
        assert_ne!(status, 200, "{method} {path}");
    }
    asked
}

db_test!(
    ids_of_another_organization_are_worth_no_more_than_made_up_ones,
    async |db| {
        let stage = Stage::on(db).await;
        let site = &stage.site;
        let ours = Furnished::new(site, &stage.tenant, "acme-desk").await;
        let ours_too = Furnished::new(site, &stage.tenant, "acme-inbox").await;
        let other = organization(&site.db.store, "Other").await;
        let theirs = Furnished::new(site, &other, "other-desk").await;
        let before = rows_of(site, &other).await;
        assert!(before.len() > 10);

        let owner = stage.signed_in(Role::Owner).await;
        let nobodys = Ids::made_up();
        let key = &ours.key;
        let all = ["{app}", "{id}", "{connection}", "{member}", "{invitation}"];
        let asked = must_not_tell_apart(&owner, site, key, &theirs.ids, &nobodys, &all).await;
        assert!(asked > 40, "{asked}");
        // what is theirs, under an application of ours
        let ours_with = |inner: &Ids| Ids {
            app: ours.ids.app.clone(),
            provider: ours.ids.provider.clone(),
            member: nobodys.member.clone(),
            invitation: nobodys.invitation.clone(),
            ..inner.clone()
        };
        for inner in [&theirs.ids, &ours_too.ids] {
            let (found, made_up) = (ours_with(inner), ours_with(&nobodys));
            let asked = must_not_tell_apart(&owner, site, key, &found, &made_up, &INNER).await;
            assert!(asked > 10, "{asked}");
        }
        assert!(
            rows_of(site, &other).await == before,
            "something was changed"
        );
    }
);
