//! What a person's name, e-mail and password must be like, wherever a member is made.

use super::password_problem;
use app::wire::{Field, FieldError, PortalError, Problem};

const LONGEST_NAME: usize = 100;
/// RFC 5321 section 4.5.3.1.3: a path of 256 octets, of which two are brackets.
const LONGEST_EMAIL: usize = 254;

/// What was typed about a new member.
#[derive(Clone, Copy)]
pub struct MemberFields<'a> {
    /// Name of the organization, where it is made at the same time.
    pub organization: Option<&'a str>,
    /// The person's name.
    pub name: &'a str,
    /// E-mail.
    pub email: &'a str,
    /// Password.
    pub password: &'a str,
}

/// Finds everything that is wrong at once, so that nobody mends a form field by field.
pub fn check_member(fields: MemberFields<'_>) -> Result<(), PortalError> {
    let words = [
        fields.organization.unwrap_or_default(),
        fields.name,
        fields.email,
    ];
    let found = [
        (
            Field::Organization,
            fields.organization.and_then(name_problem),
        ),
        (Field::Name, name_problem(fields.name)),
        (Field::Email, email_problem(fields.email)),
        (Field::Password, password_problem(fields.password, &words)),
    ];
    let errors: Vec<FieldError> = found
        .into_iter()
        .filter_map(|(field, problem)| {
            Some(FieldError {
                field,
                problem: problem?,
            })
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(PortalError::Invalid(errors))
    }
}

/// An e-mail address, without what surrounds it.
pub fn check_email(email: &str) -> Result<String, Problem> {
    email_problem(email).map_or_else(|| Ok(email.trim().to_owned()), Err)
}

fn name_problem(name: &str) -> Option<Problem> {
    let name = name.trim();
    if name.is_empty() {
        Some(Problem::Missing)
    } else if name.chars().count() > LONGEST_NAME {
        Some(Problem::TooLong(100))
    } else if name.chars().any(char::is_control) {
        Some(Problem::BadCharacters)
    } else {
        None
    }
}

fn email_problem(email: &str) -> Option<Problem> {
    let email = email.trim();
    if email.is_empty() {
        return Some(Problem::Missing);
    }
    if email.len() > LONGEST_EMAIL {
        return Some(Problem::TooLong(254));
    }
    let plain = !email
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"'));
    let shaped = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    if plain && shaped {
        None
    } else {
        Some(Problem::NotAnEmail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let fields = MemberFields {
            organization: Some("  "),
            name: "",
            email: "ada",
            password: "short",
        };
        let error = check_member(fields).expect_err("four things are wrong");
        assert_eq!(
            error.problem_with(Field::Organization),
            Some(Problem::Missing)
        );
        assert_eq!(error.problem_with(Field::Name), Some(Problem::Missing));
        assert_eq!(error.problem_with(Field::Email), Some(Problem::NotAnEmail));
        assert_eq!(
            error.problem_with(Field::Password),
            Some(Problem::TooShort(12))
        );
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in ["ada@acme.example", " ada+x@localhost ", "ä@ö.example"] {
            assert_eq!(email_problem(good), None, "{good}");
        }
        for bad in [
            "ada",
            "@acme.example",
            "ada@",
            "a@b@c",
            "a b@c",
            "Ada <ada@acme.example>",
            "a@b\r\nBcc: c@d",
        ] {
            assert_eq!(email_problem(bad), Some(Problem::NotAnEmail), "{bad}");
        }
    }
}
