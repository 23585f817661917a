//! Words of an application's settings.

use crate::wire::Completion;

/// What a colour is for.
pub const ACCENT: &str = "Fills the main button, and the application’s mark while it has no logo. # and six digits, such as #0f5132; empty: black and white.";

/// What becomes of a file.
pub const LOGO: &str = "PNG, JPEG or WebP, at most 512 KB. It is drawn anew at 256 by 256 pixels; nothing else of the file is kept.";

/// Who keeps the contrast.
pub const CONTRAST: &str = "Contrast is kept for you: the words on a colour are black or white, and a colour that would fade into the page is shaded or tinted until it stands out.";

/// A choice of what completes a connection.
#[must_use]
pub fn completion(completion: Completion) -> &'static str {
    match completion {
        Completion::Confirm => "On our page, by the end user’s click (confirm)",
        Completion::Bound => "By your backend, in its own user’s session (bound)",
    }
}

/// When to make that choice.
#[must_use]
pub fn when_to_choose(completion: Completion) -> &'static str {
    match completion {
        Completion::Confirm => {
            "Choose it where links may be opened in any browser, such as from an e-mail: our page names the application, the person and the provider before anything happens."
        }
        Completion::Bound => {
            "Choose it where people are signed in to your product when they connect: your backend completes with a code that comes back to it, so a link that was passed on connects nobody else. It needs a return URL."
        }
    }
}

/// The sentence of the preview.
#[must_use]
pub fn asks(application: &str) -> String {
    format!("{application} asks to connect your account")
}

/// What the preview is, for those who do not see it.
#[must_use]
pub fn look(application: &str) -> String {
    format!("The mark of {application} and its button, on light and on dark paper")
}
