//! The pieces that pages are made of.
//!
//! What only the server draws is compiled only there; what an island needs is compiled for the
//! browser too.

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::needless_pass_by_value,
        reason = "a component owns its properties"
    )
)]

#[cfg(feature = "ssr")]
pub mod admin_inputs;
#[cfg(feature = "ssr")]
pub mod code_field;
#[cfg(feature = "ssr")]
pub mod copy_field;
#[cfg(feature = "ssr")]
pub mod custom_fields;
#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod form_state;
#[cfg(feature = "ssr")]
pub mod frame;
#[cfg(feature = "ssr")]
pub mod gate;
#[cfg(feature = "ssr")]
pub mod guide;
pub mod icon;
#[cfg(feature = "ssr")]
pub mod lamp;
#[cfg(feature = "ssr")]
pub mod mark;
#[cfg(feature = "ssr")]
pub mod marked;
#[cfg(feature = "ssr")]
pub mod notice;
#[cfg(feature = "ssr")]
pub mod pager;
#[cfg(feature = "ssr")]
pub mod qr_code;
#[cfg(feature = "ssr")]
pub mod quarantine;
#[cfg(feature = "ssr")]
pub mod refused;
#[cfg(feature = "ssr")]
pub mod role_field;
#[cfg(feature = "ssr")]
pub mod scope_picker;
#[cfg(feature = "ssr")]
pub mod stop;
#[cfg(feature = "ssr")]
pub mod tick;
#[cfg(feature = "ssr")]
pub mod time;
#[cfg(feature = "ssr")]
pub mod timeline;
#[cfg(feature = "ssr")]
pub mod trust;
#[cfg(feature = "ssr")]
pub mod wire;
