//! Calls by provider and owner: the person's own connection first, then the team's.

use super::{Stage, must_be_answer, must_be_problem};
use axum::body::Body;
use serde_json::json;
use server::domain::{Owner, Provider};

impl Stage {
    async fn as_owner(&self, headers: &[(&str, &str)]) -> crate::support::site::Reply {
        self.call("GET", "house/echo", headers, Body::empty()).await
    }

    async fn team_stands_in(&self, fallback: bool) {
        let changed = Provider {
            team_fallback: fallback,
            ..self.seed.read_provider().await
        };
        let store = &self.site.state.store;
        let actor = crate::support::seed::admin();
        store.update_provider(&changed, actor).await.unwrap();
    }
}

db_test!(a_person_s_own_connection_comes_first, async |db| {
    let stage = Stage::new(db).await;
    let team = Owner::Team("t-1".to_owned());
    let (shared, _) = stage.connect_as(team, "ines").await;
    let both = [("grantport-end-user", "mia"), ("grantport-team", "t-1")];
    let reply = stage.as_owner(&both).await;
    must_be_answer(&reply, 200);
    assert_eq!(reply.header("grantport-resolved-by"), "team_fallback");
    assert_eq!(reply.header("grantport-connection"), shared.id.as_str());

    let (own, _) = stage.connect("mia").await;
    let reply = stage.as_owner(&both).await;
    assert_eq!(reply.header("grantport-resolved-by"), "personal");
    assert_eq!(reply.header("grantport-connection"), own.id.as_str());

    let reply = stage.as_owner(&[("grantport-team", "t-1")]).await;
    assert_eq!(reply.header("grantport-resolved-by"), "team");
    let alone = [
        ("grantport-end-user", "bo"),
        ("grantport-team", "t-1"),
        ("grantport-fallback", "none"),
    ];
    must_be_problem(&stage.as_owner(&alone).await, 404, "not_found");
    must_be_problem(&stage.as_owner(&[]).await, 422, "invalid_request");
    let odd = [
        ("grantport-end-user", "bo"),
        ("grantport-fallback", "always"),
    ];
    must_be_problem(&stage.as_owner(&odd).await, 422, "invalid_request");
});

db_test!(a_provider_decides_whether_the_team_stands_in, async |db| {
    let stage = Stage::new(db).await;
    let team = Owner::Team("t-1".to_owned());
    stage.connect_as(team, "ines").await;
    stage.team_stands_in(false).await;
    let ask = json!({"provider": "house", "end_user": "mia", "team_id": "t-1"});
    let tokens =
        async |body: &serde_json::Value| stage.site.api(&stage.key, "POST", "/tokens", body).await;
    // silent callers get what the setting says, and who counts on the team hears it
    let silent = tokens(&ask).await;
    assert_eq!(
        (silent.status.as_u16(), &silent.json()["code"]),
        (404, &json!("not_found"))
    );
    let mut counting = ask.clone();
    counting["fallback"] = json!("team");
    let told = tokens(&counting).await;
    assert_eq!(
        (told.status.as_u16(), &told.json()["code"]),
        (409, &json!("team_fallback_off"))
    );
    let headers = [
        ("grantport-end-user", "mia"),
        ("grantport-team", "t-1"),
        ("grantport-fallback", "team"),
    ];
    must_be_problem(&stage.as_owner(&headers).await, 409, "team_fallback_off");
    // the team's own work goes on
    let team_alone = tokens(&json!({"provider": "house", "team_id": "t-1"})).await;
    assert_eq!(team_alone.json()["resolved_by"], "team");
    stage.connect("mia").await;
    assert_eq!(tokens(&counting).await.json()["resolved_by"], "personal");
    stage.team_stands_in(true).await;
    let bo = json!({"provider": "house", "end_user": "bo", "team_id": "t-1"});
    assert_eq!(tokens(&bo).await.json()["resolved_by"], "team_fallback");
});

db_test!(
    a_team_s_connection_gets_into_somebody_else_s_care,
    async |db| {
        let stage = Stage::new(db).await;
        let (shared, _) = stage
            .connect_as(Owner::Team("t-1".to_owned()), "ines")
            .await;
        let path = format!("/connections/{}", shared.id);
        let api = async |method: &str, path: &str, body: &serde_json::Value| {
            stage.site.api(&stage.key, method, path, body).await
        };
        let to =
            json!({"end_user": {"id": "bo", "name": "Bo Lind", "email": "bo@northwind.example"}});
        let handed_over = api("POST", &format!("{path}/hand-over"), &to).await;
        assert_eq!(handed_over.status, 200, "{}", handed_over.text);
        let seen = handed_over.json();
        assert_eq!(seen["in_care_of"], to["end_user"]);
        assert_eq!(seen["end_user"]["id"], "ines", "who approved stays");
        assert_eq!(
            (&seen["generation"], &seen["status"]),
            (&json!(shared.generation), &json!("active"))
        );
        // once more changes nothing
        api("POST", &format!("{path}/hand-over"), &to).await;
        let store = &stage.site.state.store;
        let history = store.history(&shared.id, None, 10).await.unwrap();
        let told: Vec<_> = history
            .entries
            .iter()
            .map(|entry| json!(entry.what))
            .collect();
        let entry = json!({"kind": "handed_over", "by": "backend", "to": "Bo Lind"});
        assert_eq!(
            told.iter().filter(|one| **one == entry).count(),
            1,
            "{told:?}"
        );

        // who has it in care gets the link, and is who approved once they have
        stage.site.provider.forget("ines");
        let reply = stage.get(&format!("{}/echo", shared.id)).await;
        let problem = must_be_problem(&reply, 409, "reconnect_required");
        let link = problem["reconnect_url"].as_str().unwrap();
        let page = link.strip_prefix(crate::support::site::PUBLIC_URL).unwrap();
        let page = stage.site.browser().get(page).await;
        page.must_be_page(200, "Bo Lind");
        let issued = stage.site.provider.issue("bo");
        let new = stage.seed.brought(shared.owner.clone(), "bo", "ines");
        let new = server::store::NewConnection {
            saved: crate::support::seed::saved(
                crate::support::seed::tokens(&issued.access_token, issued.refresh_token.as_deref()),
                stage.seed.store.now(),
                Some(crate::support::seed::HOUR),
            ),
            ..new
        };
        stage.seed.finish(&new, Some(&shared.id)).await.unwrap();
        let again = api("GET", &path, &serde_json::Value::Null).await.json();
        assert_eq!(again["end_user"]["id"], "bo");
        assert_eq!(again["in_care_of"], serde_json::Value::Null);
    }
);

db_test!(a_personal_connection_is_not_handed_over, async |db| {
    let stage = Stage::new(db).await;
    let (own, _) = stage.connect("mia").await;
    let to = json!({"end_user": {"id": "bo"}});
    let path = format!("/connections/{}/hand-over", own.id);
    let refused = stage.site.api(&stage.key, "POST", &path, &to).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("personal"), "{}", refused.text);
    let (shared, _) = stage
        .connect_as(Owner::Team("t-1".to_owned()), "ines")
        .await;
    let path = format!("/connections/{}", shared.id);
    stage
        .site
        .api(&stage.key, "DELETE", &path, &json!(null))
        .await;
    let late = stage
        .site
        .api(&stage.key, "POST", &format!("{path}/hand-over"), &to)
        .await;
    assert_eq!(late.json()["code"], "connection_revoked");
});
