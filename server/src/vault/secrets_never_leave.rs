//! Tests that do not compile: each shows one way out for a secret and that it is closed.
//!
//! Every attempt stands twice, with a plain `String` and with a `Secret<String>`. The first must
//! compile, so that the second can fail for one reason only.
//!
//! Serialising it, as every answer, page and island property would:
//! ```
//! #[derive(serde::Serialize)]
//! struct Answer { access_token: String }
//! ```
//! ```compile_fail,E0277
//! #[derive(serde::Serialize)]
//! struct Answer { access_token: server::vault::Secret<String> }
//! ```
//!
//! Answering it from a handler:
//! ```
//! async fn token() -> axum::Json<String> { axum::Json(String::from("t")) }
//! let _ = axum::Router::<()>::new().route("/", axum::routing::get(token));
//! ```
//! ```compile_fail,E0277
//! use server::vault::Secret;
//! async fn token() -> axum::Json<Secret<String>> { axum::Json(Secret::from("t")) }
//! let _ = axum::Router::<()>::new().route("/", axum::routing::get(token));
//! ```
//!
//! Returning it from a server function:
//! ```
//! use leptos::prelude::*;
//! #[server]
//! async fn token() -> Result<String, ServerFnError> { Ok(String::from("t")) }
//! ```
//! ```compile_fail,E0277
//! use leptos::prelude::*;
//! use server::vault::Secret;
//! #[server]
//! async fn token() -> Result<Secret<String>, ServerFnError> { Ok(Secret::from("t")) }
//! ```
//!
//! Printing it:
//! ```
//! println!("{}", String::from("t"));
//! ```
//! ```compile_fail,E0277
//! println!("{}", server::vault::Secret::from("t"));
//! ```
//!
//! Copying it, which would leave a second one behind that nobody follows:
//! ```
//! let copied: String = String::from("t").clone();
//! ```
//! ```compile_fail,E0599
//! use server::vault::Secret;
//! let copied: Secret<String> = Secret::from("t").clone();
//! ```
//!
//! Comparing it, in a time that tells how much was right (R58):
//! ```
//! let same = String::from("t") == String::from("t");
//! ```
//! ```compile_fail,E0369
//! use server::vault::Secret;
//! let same = Secret::from("t") == Secret::from("t");
//! ```
//!
//! Using it as the text that it is not:
//! ```
//! let length = str::len(&String::from("t"));
//! ```
//! ```compile_fail,E0308
//! let length = str::len(&server::vault::Secret::from("t"));
//! ```
//!
//! A sealed value stays inside too:
//! ```
//! #[derive(serde::Serialize)]
//! struct Row { refresh_token: Vec<u8> }
//! ```
//! ```compile_fail,E0277
//! #[derive(serde::Serialize)]
//! struct Row { refresh_token: server::vault::Sealed }
//! ```
