//! Somebody of the support staff, in the portal: signs in as a browser does, and opens pages.

use crate::backend::http;
use anyhow::{Context as _, ensure};
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::Client;
use std::time::{Duration, Instant};

/// Who is in every instance.
pub(crate) const EMAIL: &str = "staff@soak.example";
/// Opens nothing but instances that end with their scenario.
pub(crate) const PASSWORD: &str = "seven herons read maps";

/// A browser that is signed in.
pub(crate) struct Staff {
    http: Client,
    url: String,
    cookie: String,
}

impl Staff {
    /// Signs in at this server.
    pub(crate) async fn sign_in(url: &str) -> anyhow::Result<Self> {
        let client = http()?;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("email", EMAIL)
            .append_pair("password", PASSWORD)
            .finish();
        let answer = client
            .post(format!("{url}/_portal/sign_in"))
            .header("sec-fetch-site", "same-origin")
            .header("accept", "text/html")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await?;
        ensure!(
            answer.status().is_redirection(),
            "{} at the door",
            answer.status()
        );
        let cookies = answer.headers().get_all(SET_COOKIE).iter();
        let pairs = cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = pairs.collect::<Vec<_>>().join("; ");
        ensure!(!cookie.is_empty(), "signing in set no cookie");
        Ok(Self {
            http: client,
            url: url.to_owned(),
            cookie,
        })
    }

    /// Opens a page: how long that took, and what stands on it.
    pub(crate) async fn open(&self, path: &str) -> anyhow::Result<(Duration, String)> {
        let began = Instant::now();
        let answer = self
            .http
            .get(format!("{}{path}", self.url))
            .header(COOKIE, &self.cookie)
            .send()
            .await?;
        ensure!(
            answer.status().is_success(),
            "{} from {path}",
            answer.status()
        );
        let text = answer.text().await.context("half a page")?;
        Ok((began.elapsed(), text))
    }
}
