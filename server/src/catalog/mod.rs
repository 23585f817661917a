//! Provider definitions: data, not code.
//!
//! One TOML file per definition (`server/catalog/*.toml`, embedded; more from `CATALOG_DIR`) says
//! where a provider's endpoints are, how it likes to be asked, how its tokens live, what its scopes
//! allow in plain words, and what an admin has to do there. The engine (`oauth`) follows it.

mod definition;

pub use definition::*;
