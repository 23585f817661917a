//! The words of the page that says: it is connected.

use super::super::rooms::DoneWords;
use super::German;
use crate::wire::{DoneView, ScopeWords};

impl DoneWords for German {
    fn account(&self) -> &'static str {
        "Konto"
    }

    fn whose(&self) -> &'static str {
        "Für"
    }

    fn allowed_heading(&self) -> &'static str {
        "Erlaubt"
    }

    fn missing(&self) -> &'static str {
        "Nicht alles wurde erlaubt"
    }

    fn heading(&self, provider: &str) -> String {
        format!("{provider} ist verbunden")
    }

    fn wire(&self, application: &str, provider: &str) -> String {
        format!("{application} und {provider} sind verbunden")
    }

    fn lead(&self, view: &DoneView) -> String {
        let (application, provider) = (&view.host.application, &view.provider.name);
        let whose = if view.for_whom.team.is_some() {
            "dem Konto Ihres Teams"
        } else {
            "Ihrem Konto"
        };
        let works = format!("{application} kann jetzt mit {whose} bei {provider} arbeiten");
        match (view.missing.is_empty(), view.left) {
            (false, _) => format!("{works}, soweit Sie es erlaubt haben."),
            (true, 0) => format!("{works}. Sonst ist nichts zu tun."),
            (true, 1) => format!("{works}. Ein Konto steht noch aus."),
            (true, left) => format!("{works}. {left} Konten stehen noch aus."),
        }
    }

    fn for_whom(&self, view: &DoneView) -> String {
        match &view.for_whom.team {
            Some(team) => format!("{}, für das Team {team}", view.for_whom.name),
            None => view.for_whom.name.clone(),
        }
    }

    fn allowed(&self, granted: &[ScopeWords], all: bool) -> String {
        // capital letters stay: many of these begin with a noun
        let list = granted.iter().map(in_list).collect::<Vec<_>>().join("; ");
        match (all, list.is_empty()) {
            (true, true) => "Alles, was angefragt war".to_owned(),
            (true, false) => format!("Alles, was angefragt war: {list}"),
            (false, true) => "Nichts von dem, was angefragt war".to_owned(),
            (false, false) => list,
        }
    }

    fn known(&self) -> &'static str {
        "Dieses Konto war schon verbunden. Es ist dieselbe Verbindung, mit neuer Zustimmung."
    }

    fn missing_means(&self, application: &str, provider: &str) -> String {
        format!(
            "Deshalb funktioniert manches in {application} vielleicht nicht mit {provider}. Um den \
             Rest zu erlauben, verbinden Sie {provider} von {application} aus noch einmal und lassen \
             alles angekreuzt."
        )
    }

    fn connect_the_others(&self, left: u32) -> String {
        if left == 1 {
            "Das andere Konto verbinden".to_owned()
        } else {
            format!("Die anderen {left} verbinden")
        }
    }

    fn see_later(&self) -> (&'static str, &'static str, &'static str) {
        (
            "Ansehen oder beenden können Sie es später unter ",
            "Meine verbundenen Konten",
            ".",
        )
    }
}

fn in_list(scope: &ScopeWords) -> &str {
    if scope.words.is_empty() {
        &scope.name
    } else {
        &scope.words
    }
}
