//! The scopes as types, for the signatures of handlers.

use crate::domain::KeyScope;

/// A scope that a handler needs.
pub(in crate::api) trait Needs: Send + Sync {
    /// Which.
    const SCOPE: KeyScope;
}

macro_rules! needs {
    ($($name:ident),+ $(,)?) => {$(
        #[doc = concat!("[`KeyScope::", stringify!($name), "`]")]
        #[derive(Debug)]
        pub(in crate::api) struct $name;

        impl Needs for $name {
            const SCOPE: KeyScope = KeyScope::$name;
        }
    )+};
}

needs! {
    ConnectCreate,
    ConnectionsRead,
    ConnectionsRevoke,
    TokensRead,
    Proxy,
    EventsRead,
    WebhooksManage,
}
