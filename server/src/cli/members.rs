//! `grantport member`: people who may sign in, without the portal.

use super::Failure;
use super::arguments::Members;
use super::open::open;
use crate::auth::{MemberFields, Passwords, check_member};
use crate::config::Config;
use crate::domain::{Actor, Governed, Governor, Member, TeamChange};
use crate::store::{NewMember, Store, StoreError};
use crate::vault::Secret;
use app::wire::{Field, PortalError, Problem, Role};
use std::io::{BufRead, IsTerminal};

pub(super) async fn run(command: Members, config: &Config) -> Result<(), Failure> {
    match command {
        Members::Create {
            email,
            name,
            role,
            password_stdin,
        } => {
            let role = role.parse().map_err(|()| {
                Failure::Member(
                    "--role is one of owner, admin, developer, support, auditor.".to_owned(),
                )
            })?;
            let password = read_password(password_stdin)?;
            let (store, _lock) = open(config).await?;
            let done = create_member(&store, &email, &name, role, password).await;
            store.close().await;
            done
        }
        Members::ResetSecondFactor { email } => {
            let (store, _lock) = open(config).await?;
            let done = reset_second_factor(&store, &email).await;
            store.close().await;
            done
        }
    }
}

fn read_password(even_from_terminal: bool) -> Result<Secret<String>, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() && !even_from_terminal {
        return Err(Failure::Member(
            "Give the password on standard input, e.g. `grantport member create ... < password.txt`.".to_owned(),
        ));
    }
    let mut line = String::new();
    input
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::Member(format!("The password cannot be read: {error}")))?;
    let password = Secret::new(line);
    Ok(Secret::from(
        password.expose().trim_end_matches(['\r', '\n']),
    ))
}

async fn reset_second_factor(store: &Store, email: &str) -> Result<(), Failure> {
    let Some(found) = store.credentials_of(email).await? else {
        let what = "There is no member with this e-mail.".to_owned();
        return Err(Failure::Member(what));
    };
    let by = Governor::Operator(Actor::command_line());
    let Member {
        id, organization, ..
    } = found.member;
    let change = TeamChange::ResetSecondFactor;
    let governed = store.govern(&by, &organization, &id, change).await?;
    let said = if governed == Governed::Done {
        "is gone, and their sessions ended"
    } else {
        "was not on; nothing was changed"
    };
    println!("The second factor of {email} {said}.");
    Ok(())
}

async fn create_member(
    store: &Store,
    email: &str,
    name: &str,
    role: Role,
    password: Secret<String>,
) -> Result<(), Failure> {
    let organizations = store.organizations().await?;
    let Some(organization) = organizations.first() else {
        return Err(Failure::Member(
            "There is no organization yet. Start the server and open /setup first.".to_owned(),
        ));
    };
    let fields = MemberFields {
        organization: None,
        name,
        email,
        password: password.expose(),
    };
    check_member(fields).map_err(|error| Failure::Member(in_words(&error)))?;
    let password = Passwords::default()
        .hash(password)
        .await
        .map_err(|error| Failure::Member(in_words(&error)))?;
    let new = NewMember {
        email: email.trim().to_owned(),
        name: name.trim().to_owned(),
        role,
        password,
    };
    match store
        .create_member(&organization.id, new, Actor::command_line())
        .await
    {
        Ok(member) => {
            println!(
                "Added {} as {} of {}.",
                member.email,
                role.as_str(),
                organization.name
            );
            Ok(())
        }
        Err(StoreError::Conflict) => Err(Failure::Member(
            "There is a member with this e-mail already.".to_owned(),
        )),
        Err(error) => Err(error.into()),
    }
}

fn in_words(error: &PortalError) -> String {
    let PortalError::Invalid(errors) = error else {
        return "The password could not be hashed. Try again.".to_owned();
    };
    let sentences = errors.iter().map(|error| {
        let field = match error.field {
            Field::Email => "The e-mail",
            Field::Name => "The name",
            _ => "The password",
        };
        match error.problem {
            Problem::Missing => format!("{field} is missing."),
            Problem::TooShort(least) => format!("{field} needs at least {least} characters."),
            Problem::TooLong(most) => format!("{field} has more than {most} characters."),
            Problem::TooCommon => format!(
                "{field} is easy to guess; use words that have nothing to do with each other."
            ),
            Problem::NotAnEmail => format!("{field} is not an address."),
            _ => format!("{field} has characters that cannot stand there."),
        }
    });
    sentences.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::open::tests::{key_line, open_with, with_organization};

    #[tokio::test]
    async fn members_are_added_by_command() {
        let directory = tempfile::tempdir().expect("a directory");
        let key = key_line(&directory.path().join("key"));
        let (store, _lock) = open_with(directory.path(), &key).await.expect("opened");
        let create = async |email: &'static str, password: &'static str| {
            let password = Secret::from(password);
            let done = create_member(&store, email, "Bob", Role::Support, password).await;
            done.map_err(|failure| failure.to_string())
        };
        let too_early = create("bob@acme.example", "a quiet yellow lamp").await;
        assert!(too_early.is_err_and(|sentence| sentence.contains("/setup")));
        with_organization(&store).await;
        let wrong = create("bob", "short")
            .await
            .expect_err("two things are wrong");
        assert_eq!(
            wrong,
            "The e-mail is not an address. The password needs at least 12 characters."
        );
        assert_eq!(
            create("Bob@acme.example", "a quiet yellow lamp").await,
            Ok(())
        );
        let twice = create("bob@ACME.example", "a quiet yellow lamp").await;
        assert!(twice.is_err_and(|sentence| sentence.contains("already")));
        let bob = store
            .credentials_of("bob@acme.example")
            .await
            .expect("a database")
            .expect("Bob");
        assert_eq!(bob.member.role, Role::Support);
    }
}
