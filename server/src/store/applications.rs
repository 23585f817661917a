//! Organizations' applications, and how they look to end users.

use super::db::{Row, Runs, sql};
use super::stops::stop;
use super::{Store, StoreError};
use crate::brand::Logo;
use crate::domain::{
    Accent, Actor, Application, ApplicationId, AuditAction, AuditEvent, Completion, LogoDigest,
    Organization, OrganizationId, Slug,
};
use serde_json::json;

/// A new application.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// Part of its addresses.
    pub slug: Slug,
    /// Name that end users read.
    pub name: String,
    /// Return URLs, already checked.
    pub return_urls: Vec<String>,
    /// Origins, already checked.
    pub allowed_origins: Vec<String>,
    /// How its connections are completed.
    pub completion: Completion,
    /// Its colour on the end user's pages.
    pub accent: Option<Accent>,
}

pub(super) const COLUMNS: &str = "SELECT id, organization_id, slug, name, return_urls, allowed_origins, completion, accent, logo_sha256, \
     stopped_at, stopped_by, stop_reason FROM applications";

pub(super) fn application(row: &Row) -> Result<Application, StoreError> {
    Ok(Application {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        slug: row.parsed("slug")?,
        name: row.text("name")?,
        return_urls: row.json("return_urls")?,
        allowed_origins: row.json("allowed_origins")?,
        completion: row.parsed("completion")?,
        accent: row.maybe_parsed("accent")?,
        logo: row.maybe_hash("logo_sha256")?.map(LogoDigest::from),
        stop: stop(row)?,
    })
}

impl Store {
    /// The organizations of this installation, the oldest first.
    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let rows = (&self.db)
            .rows(sql(
                "SELECT id, name FROM organizations ORDER BY created_at, id",
            ))
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Organization {
                    id: row.parsed("id")?,
                    name: row.text("name")?,
                })
            })
            .collect()
    }

    /// One organization.
    pub async fn organization(
        &self,
        id: &OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let row = (&self.db)
            .row(sql("SELECT id, name FROM organizations WHERE id = $1").bind(id.as_str()))
            .await?;
        row.map(|row| {
            Ok(Organization {
                id: row.parsed("id")?,
                name: row.text("name")?,
            })
        })
        .transpose()
    }

    /// Makes an application. A slug that is taken is [`StoreError::Conflict`].
    pub async fn create_application(
        &self,
        organization: &OrganizationId,
        new: NewApplication,
        actor: Actor,
    ) -> Result<Application, StoreError> {
        let application = Application {
            id: ApplicationId::random(),
            organization: organization.clone(),
            slug: new.slug,
            name: new.name,
            return_urls: new.return_urls,
            allowed_origins: new.allowed_origins,
            completion: new.completion,
            accent: new.accent,
            logo: None,
            stop: None,
        };
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "INSERT INTO applications (id, organization_id, slug, name, return_urls, allowed_origins, created_at, completion, accent)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(application.id.as_str())
        .bind(organization.as_str())
        .bind(application.slug.as_str())
        .bind(&application.name)
        .bind(json!(application.return_urls).to_string())
        .bind(json!(application.allowed_origins).to_string())
        .bind(self.now())
        .bind(application.completion.as_str())
        .bind(application.accent.map(|accent| accent.to_string()));
        tx.run(statement).await?;
        let event = event(
            actor,
            AuditAction::ApplicationCreated,
            &application.id,
            json!({"slug": application.slug.as_str(), "name": application.name}),
        );
        self.audit(&mut tx, organization, event).await?;
        tx.commit().await?;
        Ok(application)
    }

    /// Changes name, return URLs, origins, completion and accent.
    pub async fn update_application(
        &self,
        changed: &Application,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let accent = changed.accent.map(|accent| accent.to_string());
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE applications SET name = $1, return_urls = $2, allowed_origins = $3, completion = $6, accent = $7 WHERE organization_id = $4 AND id = $5",
        )
        .bind(&changed.name)
        .bind(json!(changed.return_urls).to_string())
        .bind(json!(changed.allowed_origins).to_string())
        .bind(changed.organization.as_str())
        .bind(changed.id.as_str())
        .bind(changed.completion.as_str())
        .bind(accent.clone());
        tx.run(statement).await?;
        let detail = json!({"name": changed.name, "return_urls": changed.return_urls, "allowed_origins": changed.allowed_origins,
            "completion": changed.completion.as_str(), "accent": accent});
        self.audit(
            &mut tx,
            &changed.organization,
            event(actor, AuditAction::ApplicationChanged, &changed.id, detail),
        )
        .await?;
        tx.commit().await
    }

    /// Gives an application a logo, or none.
    pub async fn set_logo(
        &self,
        application: &Application,
        logo: Option<&Logo>,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let digest = logo.map(Logo::digest);
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE applications SET logo = $1, logo_sha256 = $2 WHERE organization_id = $3 AND id = $4",
        )
        .bind(logo.map(|logo| logo.png().to_vec()))
        .bind(digest.map(|digest| *digest.as_bytes()))
        .bind(application.organization.as_str())
        .bind(application.id.as_str());
        tx.run(statement).await?;
        let detail = json!({"logo_sha256": digest.map(ToString::to_string)});
        self.audit(
            &mut tx,
            &application.organization,
            event(
                actor,
                AuditAction::ApplicationChanged,
                &application.id,
                detail,
            ),
        )
        .await?;
        tx.commit().await
    }

    /// The file of a logo that an application has now.
    pub async fn logo(&self, digest: &LogoDigest) -> Result<Option<Vec<u8>>, StoreError> {
        let statement = sql("SELECT logo FROM applications WHERE logo_sha256 = $1 LIMIT 1")
            .bind(digest.as_bytes());
        let row = (&self.db).row(statement).await?;
        row.map(|row| row.bytes("logo")).transpose()
    }

    /// All applications of an organization, by name.
    pub async fn applications(
        &self,
        organization: &OrganizationId,
    ) -> Result<Vec<Application>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE organization_id = $1 ORDER BY name, id")
            .bind(organization.as_str());
        self.db.read_all(statement, application).await
    }

    /// The application with this slug.
    pub async fn application(
        &self,
        organization: &OrganizationId,
        slug: &str,
    ) -> Result<Option<Application>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE organization_id = $1 AND slug = $2")
            .bind(organization.as_str())
            .bind(slug);
        self.db.read_one(statement, application).await
    }

    /// The application with this id.
    pub async fn application_by_id(
        &self,
        organization: &OrganizationId,
        id: &ApplicationId,
    ) -> Result<Option<Application>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE organization_id = $1 AND id = $2")
            .bind(organization.as_str())
            .bind(id.as_str());
        self.db.read_one(statement, application).await
    }
}

fn event(
    actor: Actor,
    action: AuditAction,
    id: &ApplicationId,
    detail: serde_json::Value,
) -> AuditEvent {
    AuditEvent {
        actor,
        action,
        subject_kind: "application",
        subject_id: id.to_string(),
        detail,
    }
}
