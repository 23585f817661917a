//! Fewer scopes for a connection, without asking the user.

use crate::api::Api;
use crate::api::key::Caller;
use crate::api::problem::ApiError;
use crate::domain::{Connection, Scopes};
use crate::tokens::NarrowError;

impl Api {
    /// The connection with no more than these scopes, which are a part of those it was granted.
    pub(super) async fn reduced(
        &self,
        caller: &Caller,
        connection: &Connection,
        keep: &[String],
    ) -> Result<Connection, ApiError> {
        if caller.0.stopped {
            return Err(ApiError::Stopped);
        }
        let invalid = |sentence: String| Err(ApiError::Invalid(sentence));
        let Ok(keep) = Scopes::new(keep.iter().map(String::as_str)) else {
            return invalid("`scopes` has to be a list of scope names: each 1 to 200 characters, no spaces or quotation marks.".to_owned());
        };
        let narrowed = self.tokens.narrow(connection, &keep, caller.actor());
        match narrowed.await {
            Ok(connection) => Ok(connection),
            Err(NarrowError::NotOffered) => invalid("Leave `scopes` out: the provider cannot narrow this grant. Make a connect session with `reconnect` and fewer `scopes`, and let the end user approve again.".to_owned()),
            Err(NarrowError::NotGranted(names)) => invalid(format!(
                "`scopes` has to be a part of what was granted, which {} is not. The end user can grant it: make a connect session with `reconnect`.",
                names.join(", ")
            )),
            Err(NarrowError::NothingLeft) => invalid("Keep at least one scope in `scopes`; to end all of it, revoke the connection with `DELETE`.".to_owned()),
            Err(NarrowError::Kept) => invalid("Leave `scopes` as they are: the provider did not give the connection with fewer, and it works as before.".to_owned()),
            Err(NarrowError::Token(error)) => {
                let error = ApiError::from(error).about(&connection.id);
                Err(self.with_way_back(caller, error, connection).await)
            }
        }
    }
}
