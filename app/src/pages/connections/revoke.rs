//! `/apps/{slug}/connections/{id}/revoke`: what will stop?

use crate::actions::connections::RevokeConnection;
use crate::address;
use crate::components::field::{Kind, Problem, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Crumb, Framed, Place};
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::components::notice::Refusal;
use crate::components::time::Day;
use crate::components::wire::Wire;
use crate::pages::visit::{param, visit};
use crate::portal::PortalHandle;
use crate::wire::{ConnectionState, Field, OwnerView, PortalError, RevokeReason, RevokeView};
use crate::words::{number, owner, revocation, role, time};
use leptos::prelude::*;

/// Why it ends, beside what happens then.
#[component]
pub fn Revoke() -> impl IntoView {
    let (slug, id) = (param("app"), param("id"));
    let action = ServerAction::<RevokeConnection>::new();
    let refused = refusal(action);
    let page = address::revoke(&slug, &id);
    let asked = slug.clone();
    visit(
        Place::Connections,
        page,
        move |portal| ask(portal, asked.clone(), id.clone()),
        move |visit, view: RevokeView| {
            let form = FormState::new(visit.draft, refused);
            let title = question(&view);
            let body = if view.summary.state == ConnectionState::Revoked {
                let receipt = address::receipt(&slug, &view.summary.id);
                view! { <p><a class="button button--primary" href=receipt>"Receipt"</a></p> }
                    .into_any()
            } else {
                view! { <Decide slug=slug.clone() view=view.clone() form=form.clone() action=action /> }
                    .into_any()
            };
            view! {
                <Framed frame=visit.frame place=Place::Connections title=title>
                    <Head slug=slug view=view />
                    <Refusal form=form />
                    {body}
                </Framed>
            }
            .into_any()
        },
    )
}

/// The form is of no use to those who may not revoke.
async fn ask(portal: PortalHandle, slug: String, id: String) -> Result<RevokeView, PortalError> {
    let view = portal.revoke_form(&slug, &id).await?;
    let frame = portal.frame(None).await?;
    if role::may_revoke(frame.role) {
        Ok(view)
    } else {
        Err(PortalError::Forbidden)
    }
}

fn question(view: &RevokeView) -> String {
    let whose = match &view.summary.owner {
        OwnerView::Personal { .. } => format!("{}’s connection", owner::name(&view.summary.owner)),
        OwnerView::Team { id, .. } => format!("{id}’s team connection"),
    };
    let provider = &view.provider_short_name;
    if view.summary.state == ConnectionState::Revoked {
        format!("{whose} to {provider} is revoked already")
    } else {
        format!("Revoke {whose} to {provider}?")
    }
}

#[component]
fn Head(slug: String, view: RevokeView) -> impl IntoView {
    let account = view
        .summary
        .account
        .clone()
        .map(|account| format!("{account}, "));
    let by = match &view.summary.owner {
        OwnerView::Team {
            connected_by: Some(person),
            ..
        } => format!(" by {person}"),
        _ => String::new(),
    };
    view! {
        <div class="page__head">
            <div class="page__title">
                <Crumb address=address::connection(&slug, &view.summary.id) words="Connection" />
                <h1>{question(&view)}</h1>
                <p class="page__lead">
                    {account}
                    <code>{view.summary.id}</code>
                    ", connected "
                    <Day at=view.summary.connected_at />
                    {by}
                </p>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Decide(
    slug: String,
    view: RevokeView,
    form: FormState,
    action: ServerAction<RevokeConnection>,
) -> impl IntoView {
    let keep = address::connection(&slug, &view.summary.id);
    let problem = form.problem(Field::Reason);
    let described = problem.is_some().then_some("reason-error");
    let choices = revocation::REASONS
        .into_iter()
        .map(|reason| {
            let value = revocation::value(reason);
            let checked = form.ticked("reason", value, reason == RevokeReason::Leaving);
            view! {
                <label class="check choice">
                    <input type="radio" name="reason" value=value checked=checked required=true />
                    <span>{revocation::reason(reason)}</span>
                    <small>{revocation::consequence(reason, &view.provider_short_name, view.upstream_offered)}</small>
                </label>
            }
        })
        .collect_view();
    view! {
        <ActionForm action=action attr:class="split">
            <div class="stack stack--loose">
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="connection" value=view.summary.id.clone() />
                <fieldset class="stack" id="reason" tabindex="-1" aria-describedby=described>
                    <legend class="h2">"Why does it end?"</legend>
                    <div class="stack stack--tight">{choices}</div>
                    <Problem id="reason" wrong=problem />
                    <TextField field=Field::Note name="note" kind=Kind::Lines hint="Ticket number or who asked. Required." required=true form=form />
                </fieldset>
                <div class="bar">
                    <button class="button button--danger" type="submit">"Revoke"</button>
                    <a class="button button--quiet" href=keep>"Keep it"</a>
                </div>
            </div>
            <Effects view=view />
        </ActionForm>
    }
    .into_any()
}

/// What will happen, each line with its lamp.
#[component]
fn Effects(view: RevokeView) -> impl IntoView {
    let provider = view.provider_short_name.clone();
    let label = format!(
        "The wire between {} and {provider} will be cut",
        view.application
    );
    let lines = effects(&view)
        .into_iter()
        .map(|(lamp, what, aside)| {
            view! { <li><State lamp=lamp words=what /><span class="quiet">{aside}</span></li> }
        })
        .collect_view();
    view! {
        <section class="panel panel--sunken stays" aria-labelledby="what">
            <h2 id="what">"What happens"</h2>
            <Wire lamp=Lamp::Revoked from=Mark::application(&view.application).big() to=Mark::provider(&view.summary.provider).big() label=label />
            <ul class="effects">{lines}</ul>
        </section>
    }
    .into_any()
}

fn effects(view: &RevokeView) -> Vec<(Lamp, String, String)> {
    let provider = &view.provider_short_name;
    let name = owner::name(&view.summary.owner);
    let loses = match view.summary.owner {
        OwnerView::Personal { .. } => (
            Lamp::Reconnect,
            format!("{name} loses {provider}"),
            "A team connection steps in where there is one.".to_owned(),
        ),
        OwnerView::Team { .. } => (
            Lamp::Reconnect,
            format!("Team {name} loses {provider}"),
            "People of the team keep the connections of their own.".to_owned(),
        ),
    };
    // a call through the proxy uses a connection, and gives no token away
    let used_at = view.summary.last_handed_out_at;
    let handed_out = used_at.filter(|_| view.last_key.is_some()).map(|at| {
        let to = view
            .last_key
            .as_ref()
            .map(|key| format!(" to “{key}”"))
            .unwrap_or_default();
        let what = match view.summary.expires_at {
            Some(until) => format!("A token may stay valid until {}", time::moment(until)),
            None => "A token may stay valid: it does not expire".to_owned(),
        };
        let ends = if view.upstream_offered {
            format!(" {provider} ends it when told.")
        } else {
            String::new()
        };
        (
            Lamp::Degraded,
            what,
            format!(
                "Last handed out {}{to}; to {} in the last 30 days.{ends}",
                time::moment(at),
                number::counted(view.keys_lately, "API key", "API keys")
            ),
        )
    });
    let upstream = match (view.upstream_offered, view.ends_whole_grant, &view.by_hand) {
        (true, true, _) => (
            Lamp::Degraded,
            format!("{provider} ends the whole grant"),
            "Every connection that came from the same approval stops with it.".to_owned(),
        ),
        (true, false, _) => (
            Lamp::Active,
            format!("Nothing else at {provider}"),
            "Only this connection’s tokens end there.".to_owned(),
        ),
        (false, _, Some(by_hand)) => (
            Lamp::Waiting,
            format!("{provider} keeps its own record"),
            format!("The customer ends it there: {by_hand}"),
        ),
        (false, _, None) => (
            Lamp::Waiting,
            format!("{provider} keeps its own record"),
            "The customer removes the app there.".to_owned(),
        ),
    };
    std::iter::once(loses)
        .chain(handed_out)
        .chain(std::iter::once(upstream))
        .chain(shared(view))
        .collect()
}

/// Other connections to the same account, which may hang on the same grant.
fn shared(view: &RevokeView) -> Option<(Lamp, String, String)> {
    let count = view.same_account_count;
    if count == 0 {
        return None;
    }
    let named: Vec<String> = view
        .same_account
        .iter()
        .map(|other| format!("{} ({})", owner::name(&other.owner), other.id))
        .collect();
    let more = if usize::try_from(count).is_ok_and(|count| count > named.len()) {
        ", and others"
    } else {
        ""
    };
    let whose = format!("{}{more}.", named.join(", "));
    let others = number::counted(count, "other connection", "other connections");
    Some(if view.ends_whole_grant && view.upstream_offered {
        (
            Lamp::Reconnect,
            format!("{others} to this account will break"),
            format!(
                "{whose} {} ends the whole grant when told.",
                view.provider_short_name
            ),
        )
    } else {
        (
            Lamp::Active,
            format!("{others} to this account"),
            format!("{whose} They have tokens of their own."),
        )
    })
}
