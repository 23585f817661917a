//! `POST /connections/{id}/hand-over`: a team's connection gets into somebody else's care.

use super::connection::ConnectionAnswer;
use super::invitation::Invited;
use crate::api::Api;
use crate::api::body::{Body, Id};
use crate::api::key::{ConnectCreate, May};
use crate::api::problem::{ApiError, NotFound, Problems, Revoked};
use crate::domain::{ConnectionId, EndUser, Owner};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

/// To whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HandOver {
    end_user: Invited,
}

/// Hand a team's connection over
///
/// When whoever connected it leaves: links to reconnect go to the new person from now on. The tokens stay,
/// and act as the account of whoever approved until the new person reconnects. A personal connection is
/// not handed over. Whoever may invite people may say who is in care, so the scope is that.
#[utoipa::path(
    post,
    path = "/connections/{id}/hand-over",
    operation_id = "handConnectionOver",
    tag = "Connections",
    security(("api_key" = ["connect:create"])),
    params(("id" = String, Path, description = "Id of a team's connection.", example = "con_4Vt9Qm2kXr7LpZs1HdYw")),
    request_body = HandOver,
    responses(
        (status = 200, description = "The connection, in its new person's care.", body = ConnectionAnswer),
        Problems<(NotFound, Revoked)>,
    ),
)]
pub(super) async fn hand_over(
    State(api): State<Api>,
    caller: May<ConnectCreate>,
    Id(id): Id<ConnectionId>,
    Body(wanted): Body<HandOver>,
) -> Result<Json<ConnectionAnswer>, ApiError> {
    wanted.end_user.check()?;
    let connection = api.connection(&caller, &id).await?;
    if let Owner::Personal(_) = connection.owner {
        return Err(ApiError::Invalid(
            "Name a team's connection: a personal one belongs to its end user and is not handed over. Invite the other person with a connect session.".to_owned(),
        ));
    }
    let to: EndUser = wanted.end_user.into();
    let handed_over = api
        .store
        .hand_over(&connection, &to, caller.actor())
        .await?;
    if !handed_over {
        return Err(ApiError::Revoked(Some(id)));
    }
    let connection = api.connection(&caller, &id).await?;
    let providers = api.providers(&caller).await?;
    Ok(Json(ConnectionAnswer::new(&connection, &providers)))
}
