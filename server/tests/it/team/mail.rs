//! Invitations by mail, where an operator named a mail server.

use crate::support::mail_server::MailServer;
use crate::support::member::{Member, link_on};
use crate::support::site::Site;
use app::wire::Role;
use std::time::Duration;

/// Waits until a page shows this.
async fn shows(owner: &Member, words: &str) -> bool {
    for _ in 0..200 {
        if owner.reads("/members").await.text.contains(words) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

db_test!(an_invitation_is_mailed_and_shown, async |db| {
    let server = MailServer::start(true).await;
    let url = format!("smtp://{}", server.address);
    let from = "Grantport <grantport@acme.example>";
    let site = Site::with(db, &[("SMTP_URL", &url), ("MAIL_FROM", from)]).await;
    let owner = Member::first(&site).await;
    let page = owner.reads("/members").await;
    assert!(page.text.contains("The link is mailed"), "{}", page.text);
    let form = [("email", "zoe@acme.example"), ("role", "support")];
    let sent = owner.does("invite", &form).await;
    let token = link_on(&owner.reads(sent.location()).await);
    assert!(shows(&owner, "Mail sent").await);
    let mails = server.taken();
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert!(
        mail.contains("MAIL FROM:<grantport@acme.example>"),
        "{mail}"
    );
    assert!(mail.contains("RCPT TO:<zoe@acme.example>"), "{mail}");
    // quoted-printable breaks lines
    let whole = mail.replace("=\n", "").replace("=3D", "=");
    for part in ["To: zoe@acme.example", "Ada invites you to Acme", &token] {
        assert!(whole.contains(part), "{part} is not in {whole}");
    }
    let (zoe, _) = Member::follows(site.browser(), &token, "Zoe").await;
    assert!(zoe.is_signed_in().await);
});

db_test!(a_mail_that_does_not_leave_loses_no_invitation, async |db| {
    let server = MailServer::start(false).await;
    let url = format!("smtp://{}", server.address);
    let site = Site::with(db, &[("SMTP_URL", &url), ("MAIL_FROM", "g@acme.example")]).await;
    let owner = Member::first(&site).await;
    let token = owner.invites("zoe@acme.example", Role::Support).await;
    assert!(shows(&owner, "Mail not sent").await);
    assert!(server.taken().is_empty());
    let (zoe, _) = Member::follows(site.browser(), &token, "Zoe").await;
    assert!(zoe.is_signed_in().await);
});
