//! `export`: the instance as the file that `apply` reads. Everything that a file can say stands in it,
//! in one order, so that two exports of the same settings are the same bytes.
//!
//! ```text
//! text.rs          TOML, line by line; secrets by reference, with names that are listed at the top
//! applications.rs  applications, and their API keys
//! providers.rs     providers, catalogued and custom
//! ```
//!
//! What a file cannot say is not configuration: emergency stops, disabled members, second factors,
//! invitations, sessions, connections.

mod applications;
mod providers;
mod text;

use crate::store::{Store, StoreError};
use crate::upstreams::Upstreams;
use std::path::Path;
use text::Text;

/// An instance as a file.
#[derive(Debug)]
pub struct Exported {
    /// The TOML.
    pub text: String,
    /// Pictures that it names, to lie beside it: file name and bytes.
    pub logos: Vec<(String, Vec<u8>)>,
}

/// What the sections share.
struct Export<'a> {
    store: &'a Store,
    upstreams: &'a Upstreams,
    with_logos: bool,
    text: Text,
    logos: Vec<(String, Vec<u8>)>,
}

/// Reads the whole instance. Without an organization there is nothing to write. With logos the file
/// names them; without, it says where one is left out.
pub async fn export(
    store: &Store,
    upstreams: &Upstreams,
    with_logos: bool,
) -> Result<Option<Exported>, StoreError> {
    let Some(organization) = store.organizations().await?.into_iter().next() else {
        return Ok(None);
    };
    let mut export = Export {
        store,
        upstreams,
        with_logos,
        text: Text::default(),
        logos: Vec::new(),
    };
    export.text.table("[organization]");
    export.text.entry("name", organization.name.as_str());
    let rules = store.house_rules(&organization.id).await?;
    export
        .text
        .entry("second_factor_required", rules.second_factor_required);
    export
        .text
        .entry("personal_data_masked", rules.personal_data_masked);
    let mut team = store.team(&organization.id).await?;
    team.sort_by(|a, b| a.member.email.cmp(&b.member.email));
    for one in &team {
        if one.disabled_at.is_some() {
            let email = &one.member.email;
            export
                .text
                .comment(format_args!("{email} is disabled, and left out."));
            continue;
        }
        let email = one.member.email.as_str();
        export.text.table("[[members]]");
        export.text.entry("email", email);
        export.text.entry("name", one.member.name.as_str());
        export.text.entry("role", one.member.role.as_str());
        let reference = export.text.secret(
            &["PASSWORD", email],
            format_args!("password of {email}, where there is no such member yet"),
        );
        export.text.raw("password", reference);
    }
    let mut applications = store.applications(&organization.id).await?;
    applications.sort_by(|a, b| a.slug.as_str().cmp(b.slug.as_str()));
    for application in &applications {
        export.application(application).await?;
    }
    Ok(Some(Exported {
        text: export.text.finish(),
        logos: export.logos,
    }))
}

impl Exported {
    /// Writes the pictures into `directory`, where the file is to stand.
    pub fn write_logos(&self, directory: &Path) -> std::io::Result<()> {
        for (name, bytes) in &self.logos {
            std::fs::write(directory.join(name), bytes)?;
        }
        Ok(())
    }
}
