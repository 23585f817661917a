//! What is wrong with a field, as a sentence that says what to do.

use crate::wire::{Field, Problem};

/// The label of a field, as the form shows it.
#[must_use]
pub fn label(field: Field) -> &'static str {
    match field {
        Field::Organization => "Organization",
        Field::Name => "Your name",
        Field::Email => "Email",
        Field::Password => "Password",
        Field::CurrentPassword => "Current password",
        Field::Code => "Code",
        Field::Role => "Role",
        Field::ApplicationName | Field::KeyName | Field::ProviderName => "Name",
        Field::Slug => "Slug",
        Field::ReturnUrls => "Return URLs",
        Field::AllowedOrigins => "Allowed origins",
        Field::ClientId => "Client ID",
        Field::ClientSecret => "Client Secret",
        Field::Inputs => "Where you sign in",
        Field::NewClientSecret => "Client Secret of the new Client ID",
        Field::Scopes => "Scopes",
        Field::OtherScopes => "Other scopes",
        Field::Reason => "Why does it end?",
        Field::Note => "Note for the audit",
        Field::Confirmation => "How many connections",
        Field::StopReason => "Why all tokens stop",
        Field::Input(_) => "What the provider needs to know",
        Field::Issuer => "Issuer",
        Field::AuthorizeUrl => "Authorize URL",
        Field::TokenUrl => "Token URL",
        Field::RevokeUrl => "Revocation URL",
        Field::ProfileUrl => "Profile URL",
        Field::IntrospectionUrl => "Introspection URL",
        Field::ApiUrl => "API base URL",
        Field::PersonId => "End user id",
        Field::PersonName => "Their name",
        Field::PersonEmail => "Their e-mail",
        Field::AccountId => "Account ID",
        Field::AccountLabel => "Account name",
        Field::HostSecret => "Client Secret for a new host",
        Field::Completion => "What completes a connection",
        Field::Accent => "Accent colour",
        Field::Logo => "Picture",
        Field::KeyScopes => "What it may do",
        Field::KeyProviders => "Providers",
        Field::IpRanges => "IP ranges",
        Field::Expires => "Last day",
        Field::Rate => "Requests in a second",
        Field::Overlap => "How long the old key goes on",
        Field::StillUsed => "It is in use",
        Field::WebhookUrl => "URL",
        Field::WebhookDescription => "Description",
        Field::WebhookEvents => "Events",
    }
}

/// The id of a field's control, for the links of the error summary.
#[must_use]
pub fn control(field: Field) -> &'static str {
    match field {
        Field::Organization => "organization",
        Field::Name | Field::ApplicationName | Field::KeyName => "name",
        Field::Email => "email",
        Field::Password => "password",
        Field::CurrentPassword => "current-password",
        Field::Code => "code",
        Field::Role => "role",
        Field::Slug => "slug",
        Field::ReturnUrls => "return-urls",
        Field::AllowedOrigins => "allowed-origins",
        Field::ClientId => "client-id",
        Field::ClientSecret => "client-secret",
        Field::Inputs => "inputs",
        Field::NewClientSecret => "new-client-secret",
        Field::Scopes => "scopes",
        Field::OtherScopes => "other-scopes",
        Field::Reason => "reason",
        Field::Note => "note",
        Field::Confirmation => "confirmation",
        Field::StopReason => "stop-reason",
        Field::Input(place) => INPUTS[usize::from(place) % INPUTS.len()],
        Field::ProviderName => "provider-name",
        Field::Issuer => "issuer",
        Field::AuthorizeUrl => "authorize-url",
        Field::TokenUrl => "token-url",
        Field::RevokeUrl => "revoke-url",
        Field::ProfileUrl => "profile-url",
        Field::IntrospectionUrl => "introspection-url",
        Field::ApiUrl => "api-url",
        Field::PersonId => "person-id",
        Field::PersonName => "person-name",
        Field::PersonEmail => "person-email",
        Field::AccountId => "account-id",
        Field::AccountLabel => "account-label",
        Field::HostSecret => "host-secret",
        Field::Completion => "completion",
        Field::Accent => "accent",
        Field::Logo => "logo",
        Field::KeyScopes => "key-scopes",
        Field::KeyProviders => "key-providers",
        Field::IpRanges => "ip-ranges",
        Field::Expires => "expires",
        Field::Rate => "rate",
        Field::Overlap => "overlap",
        Field::StillUsed => "still-used",
        Field::WebhookUrl => "webhook-url",
        Field::WebhookDescription => "webhook-description",
        Field::WebhookEvents => "webhook-events",
    }
}

/// More than any definition asks for.
const INPUTS: [&str; 8] = [
    "input-1", "input-2", "input-3", "input-4", "input-5", "input-6", "input-7", "input-8",
];

/// What to do about it. Fields that need words of their own have them; the rest share one.
#[must_use]
pub fn sentence(field: Field, problem: Problem) -> String {
    match problem {
        Problem::Missing => missing(field).to_owned(),
        Problem::TooShort(least) => format!("Use {least} characters or more."),
        Problem::TooLong(most) => format!("Shorten it to {most} characters."),
        Problem::TooMany(most) => {
            format!("Remove one that nothing uses first: {most} are the most.")
        }
        Problem::NotAnEmail => "Write an address such as mara@acme.example.".to_owned(),
        Problem::TooCommon => {
            "It is one of the passwords that are guessed first. Choose another, for example four words that have nothing to do with each other.".to_owned()
        }
        Problem::Wrong => wrong(field).to_owned(),
        Problem::Taken => taken(field).to_owned(),
        Problem::NotASlug => {
            "Use a-z, 0-9 and hyphens, and begin with a letter, such as crm-sync.".to_owned()
        }
        Problem::NotAUrl => {
            "Write whole addresses, one per line, such as https://app.acme.example/integrations. They begin with https (http only for this machine) and have no # and no password in them.".to_owned()
        }
        Problem::NotAnOrigin => {
            "Write scheme and host only, one per line, such as https://app.acme.example.".to_owned()
        }
        Problem::BadCharacters => bad_characters(field).to_owned(),
        Problem::LooksSwapped => {
            "It looks as if Client ID and Client Secret were swapped. Copy both again and paste each into its field.".to_owned()
        }
        Problem::NotAChoice if field == Field::Inputs => {
            "Choose one of those that are offered, or write an address as the hint shows it.".to_owned()
        }
        Problem::NotAChoice => "Choose one of those that are offered.".to_owned(),
        Problem::NotHttps => not_https(field).to_owned(),
        Problem::Forbidden => {
            "This address may not be called. Use a public host name with https and port 443; an IP address and a name inside of a private network are refused unless the operator lists host and port in GRANTPORT_ALLOW_PRIVATE_UPSTREAMS.".to_owned()
        }
        Problem::NoMetadata => {
            "No metadata could be read there. Copy the issuer from the provider’s documentation, or write the addresses by hand below.".to_owned()
        }
        Problem::OtherIssuer => {
            "The metadata there names another issuer. Write it exactly as the provider does, a slash at its end included.".to_owned()
        }
        Problem::IncompleteMetadata => {
            "The metadata there lacks the authorize or the token endpoint. Write the addresses by hand below.".to_owned()
        }
        Problem::ForbiddenEndpoint => {
            "One of the addresses in the metadata there may not be called. Use an issuer whose endpoints have https, a public host name and port 443.".to_owned()
        }
        Problem::NotAPointer => {
            "Write pointers such as /sub or /user/id with a space between; token:/team/id and id_token:/sub look into the token answer.".to_owned()
        }
        Problem::HoldsTokens => {
            "Tokens are kept that were given to the hosts of today, and would be sent to this one. Use one of those hosts, or add another provider for the new one.".to_owned()
        }
        Problem::NeededWhenBound => {
            "Write at least one address: when your backend completes, the browser brings the connect code there.".to_owned()
        }
        Problem::NotAColour => "Write # and six digits, such as #0f5132.".to_owned(),
        Problem::TooHeavy => "Choose a file of at most 512 KB.".to_owned(),
        Problem::TooManyPixels => {
            "Choose a picture of at most 4096 by 4096 pixels. It is drawn at 256 by 256.".to_owned()
        }
        Problem::NotAPicture => {
            "Choose a PNG, JPEG or WebP file. Save a drawing such as an SVG as PNG first.".to_owned()
        }
        Problem::NotARange => {
            "Write addresses or blocks of them, one per line, such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32.".to_owned()
        }
        Problem::NotADay => "Write a day as year, month and day, such as 2027-01-31.".to_owned(),
        Problem::Past => "Choose a day that is not over.".to_owned(),
        Problem::NotANumber(most) => {
            format!("Write a whole number from 1 to {}, or nothing.", super::number::grouped(most.into()))
        }
        Problem::Broken => {
            "The picture cannot be read to its end. Choose one that was saved anew as PNG.".to_owned()
        }
    }
}

fn missing(field: Field) -> &'static str {
    match field {
        Field::Organization => "Write the name of your organization. End users read it too.",
        Field::Name => "Write your name, as your colleagues know it.",
        Field::Email => "Write your e-mail address.",
        Field::Password => "Write a password.",
        Field::CurrentPassword => "Write the password that you use today.",
        Field::Role => "Choose a role.",
        Field::PersonId => "Write the id that your application has for the person.",
        Field::PersonName => "Write their name, as their colleagues know it.",
        Field::PersonEmail => "Write their e-mail address.",
        Field::Code => "Write the six digits that your app shows.",
        Field::ApplicationName => {
            "Give the application a name. End users read it when they connect."
        }
        Field::Slug => "Write a short name for addresses, such as crm-sync.",
        Field::ReturnUrls => "Write at least one address to which end users come back.",
        Field::AllowedOrigins => "Write at least one origin.",
        Field::ClientId => "Paste the Client ID that the provider shows.",
        Field::ClientSecret => {
            "Paste the Client Secret. The provider shows it once; if it is gone, make a new one there."
        }
        Field::Inputs => "Write where you sign in.",
        Field::NewClientSecret => {
            "Paste the Client Secret that belongs to the new Client ID. Those that are set stay with the Client ID they came with."
        }
        Field::Scopes => "Tick at least one scope, or write one under Other scopes.",
        Field::OtherScopes => "Write the names of the scopes.",
        Field::KeyName => "Give the key a name, such as backend.",
        Field::Reason => "Choose why it ends.",
        Field::Note => "Write who asked, or a ticket number. The audit keeps it.",
        Field::Confirmation => "Write the number of connections that stands above.",
        Field::StopReason => "Write why, so that others know when tokens may go again.",
        Field::Input(_) => "Write what the hint above the field says.",
        Field::ProviderName => "Give the provider a name. End users read it when they connect.",
        Field::Issuer => "Write the issuer, such as https://login.example.com.",
        Field::AuthorizeUrl => {
            "Write the address that the browser opens, such as https://login.example.com/authorize."
        }
        Field::TokenUrl => {
            "Write the address that exchanges codes, such as https://login.example.com/token."
        }
        Field::RevokeUrl | Field::ProfileUrl | Field::IntrospectionUrl | Field::ApiUrl => {
            "Write the address as the provider documents it."
        }
        Field::AccountId => {
            "Write where the profile holds a stable id, such as /sub; without one, remove the Profile URL."
        }
        Field::AccountLabel => "Write where the profile holds a name or an e-mail, such as /email.",
        Field::HostSecret => {
            "Paste the Client Secret that belongs to the new host. The saved ones belong to the old one."
        }
        Field::Completion => "Choose what completes a connection.",
        Field::Accent => "Write a colour, such as #0f5132.",
        Field::Logo => "Choose a file first.",
        Field::KeyScopes => "Tick at least one thing that the key may do.",
        Field::KeyProviders => "Tick at least one provider, or choose all.",
        Field::IpRanges => "Write at least one address.",
        Field::Expires => "Write a day.",
        Field::Rate => "Write a number.",
        Field::Overlap => "Choose how long the old key goes on.",
        Field::StillUsed => "Tick this if it has to end although something uses it.",
        Field::WebhookUrl => {
            "Write where events are sent to, such as https://app.acme.example/hooks."
        }
        Field::WebhookDescription => "Write what the endpoint is.",
        Field::WebhookEvents => "Tick at least one event.",
    }
}

fn not_https(field: Field) -> &'static str {
    match field {
        Field::Issuer => {
            "Write the issuer as an https address, such as https://login.example.com, without ?, #, user name and password."
        }
        Field::WebhookUrl => {
            "Write an https address without #, user name and password, such as https://app.acme.example/hooks."
        }
        _ => {
            "Write an https address without #, braces, user name and password, such as https://login.example.com/token."
        }
    }
}

fn wrong(field: Field) -> &'static str {
    match field {
        Field::CurrentPassword | Field::Password => "This is not your password. Write it again.",
        Field::Confirmation => "This is not how many fit now. Write the number that stands above.",
        Field::Code => {
            "This code does not count, or was used before. Write the next one, or a recovery code."
        }
        _ => "This does not match. Write it again.",
    }
}

fn taken(field: Field) -> &'static str {
    match field {
        Field::Email => "A member has this address already. Use another, or sign in.",
        Field::Slug => "Another application has this slug. Choose another.",
        Field::ApplicationName | Field::KeyName => "Another one has this name. Choose another.",
        Field::ClientSecret | Field::NewClientSecret => {
            "This secret is set already. Paste the new one."
        }
        _ => "This is taken. Choose another.",
    }
}

fn bad_characters(field: Field) -> &'static str {
    match field {
        Field::ClientId | Field::ClientSecret | Field::NewClientSecret | Field::HostSecret => {
            "There are spaces or characters in it that cannot belong to it. Copy it again at the provider."
        }
        Field::Scopes | Field::OtherScopes => {
            "A scope has no quotes, backslashes or accents. Put a space between two names."
        }
        Field::Input(_) => {
            "Write it as the hint above the field says: a host without port and path, or a name of letters, digits and hyphens."
        }
        _ => "There are characters in it that cannot stand here. Use letters, digits and spaces.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [Field; 48] = [
        Field::Organization,
        Field::Name,
        Field::Email,
        Field::Password,
        Field::CurrentPassword,
        Field::ApplicationName,
        Field::Slug,
        Field::ReturnUrls,
        Field::AllowedOrigins,
        Field::ClientId,
        Field::ClientSecret,
        Field::Inputs,
        Field::NewClientSecret,
        Field::Scopes,
        Field::OtherScopes,
        Field::KeyName,
        Field::Reason,
        Field::Note,
        Field::Confirmation,
        Field::StopReason,
        Field::Input(0),
        Field::ProviderName,
        Field::Issuer,
        Field::AuthorizeUrl,
        Field::TokenUrl,
        Field::RevokeUrl,
        Field::ProfileUrl,
        Field::IntrospectionUrl,
        Field::ApiUrl,
        Field::PersonId,
        Field::PersonName,
        Field::PersonEmail,
        Field::AccountId,
        Field::AccountLabel,
        Field::HostSecret,
        Field::Completion,
        Field::Accent,
        Field::Logo,
        Field::KeyScopes,
        Field::KeyProviders,
        Field::IpRanges,
        Field::Expires,
        Field::Rate,
        Field::Overlap,
        Field::StillUsed,
        Field::WebhookUrl,
        Field::WebhookDescription,
        Field::WebhookEvents,
    ];

    const PROBLEMS: [Problem; 32] = [
        Problem::Missing,
        Problem::TooShort(12),
        Problem::TooLong(200),
        Problem::TooMany(5),
        Problem::NotAnEmail,
        Problem::TooCommon,
        Problem::Wrong,
        Problem::Taken,
        Problem::NotASlug,
        Problem::NotAUrl,
        Problem::NotAnOrigin,
        Problem::BadCharacters,
        Problem::LooksSwapped,
        Problem::NotAChoice,
        Problem::NotHttps,
        Problem::Forbidden,
        Problem::NoMetadata,
        Problem::OtherIssuer,
        Problem::IncompleteMetadata,
        Problem::ForbiddenEndpoint,
        Problem::NotAPointer,
        Problem::HoldsTokens,
        Problem::NeededWhenBound,
        Problem::NotAColour,
        Problem::TooHeavy,
        Problem::TooManyPixels,
        Problem::NotAPicture,
        Problem::Broken,
        Problem::NotARange,
        Problem::NotADay,
        Problem::Past,
        Problem::NotANumber(10_000),
    ];

    #[test]
    fn every_problem_of_every_field_says_what_to_do() {
        let to_do = [
            "Write", "Use", "Choose", "Paste", "Give", "Tick", "Shorten", "Copy", "Put", "Remove",
        ];
        for field in FIELDS {
            for problem in PROBLEMS {
                let sentence = sentence(field, problem);
                assert!(sentence.ends_with('.'), "{field:?} {problem:?}: {sentence}");
                assert!(
                    to_do.iter().any(|verb| sentence.contains(verb)),
                    "{field:?} {problem:?}: {sentence}"
                );
                assert!(!sentence.contains('!') && !sentence.contains("lease "));
            }
        }
    }
}
