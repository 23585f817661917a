//! A restored or copied installation leaves the grants of its original alone (R103).

use crate::support::house::House;
use crate::support::member::Member;
use crate::support::provider::Event;
use crate::support::seed::admin;
use crate::support::site::Site;
use app::wire::RevokeReason;
use server::domain::Status;
use server::jobs::tell_providers;

db_test!(
    providers_are_told_of_a_revocation_once_it_is_lifted,
    async |db| {
        let house = House::new(db).await;
        let (connection, issued) = house.connect("mia").await;
        let store = &house.db.store;
        store.begin_quarantine(admin()).await.unwrap();

        let revoked = store.revoke(&connection, RevokeReason::Incident, "", admin(), true);
        revoked.await.unwrap().expect("a receipt");
        assert_eq!(house.read(&connection).await.status, Status::Revoked);
        let told = || {
            house
                .provider
                .count(|event| matches!(event, Event::RevokeAsked { .. }))
        };
        for _ in 0..3 {
            tell_providers(store, &house.upstreams).await.unwrap();
        }
        assert_eq!(told(), 0);
        assert!(
            house.provider.accepts(&issued.access_token),
            "the original goes on"
        );

        store.confirm_restore(None, admin()).await.unwrap();
        tell_providers(store, &house.upstreams).await.unwrap();
        assert_eq!(told(), 2, "of the refresh token and of the access token");
    }
);

db_test!(
    members_read_it_on_every_page_until_it_is_lifted,
    async |db| {
        let site = Site::new(db).await;
        let member = Member::first(&site).await;
        let store = &site.db.store;
        let pages = ["/", "/account", "/apps/crm-sync/connections"];
        let shown = async || {
            let mut shown = Vec::new();
            for page in pages {
                shown.push(
                    member
                        .reads(page)
                        .await
                        .text
                        .contains("grantport restore confirm"),
                );
            }
            shown
        };
        assert_eq!(shown().await, [false; 3]);
        store.begin_quarantine(admin()).await.unwrap();
        assert_eq!(shown().await, [true; 3]);
        store.confirm_restore(None, admin()).await.unwrap();
        assert_eq!(shown().await, [false; 3]);
    }
);
