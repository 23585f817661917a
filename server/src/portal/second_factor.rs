//! One's own second factor: begun, confirmed by its first code, taken away; and the page that asks for
//! a proof before what could do much harm.

use super::{OrFail, PortalRequest, Task};
use crate::auth::second_factor::{as_compared, check_first, enrolment, new_codes, new_seed};
use crate::auth::{Proof, prove};
use crate::domain::Member;
use crate::store::SecondFactor;
use crate::vault::Secret;
use app::portal::Answer;
use app::wire::{
    ConfirmView, EnrolmentView, FactorState, Field, PortalError, Problem, SecondFactorView,
    SecretInput,
};
use qrcodegen::{QrCode, QrCodeEcc};

/// Under this name new recovery codes wait in the session for their page.
const NEW_CODES: &str = "recovery-codes";

impl PortalRequest {
    pub(super) async fn factor_state(&self, member: &Member) -> Answer<FactorState> {
        let factor = self.state.store.second_factor(member).await.or_fail()?;
        Ok(state_of(factor.as_ref()))
    }

    pub(super) async fn confirmation_form(&self) -> Answer<ConfirmView> {
        let member = self.allowed(Task::Enter).await?;
        let state = self.factor_state(&member).await?;
        Ok(ConfirmView {
            email: member.email,
            asks_for_code: state != FactorState::Off,
        })
    }

    pub(super) async fn own_second_factor(&self) -> Answer<SecondFactorView> {
        let member = self.allowed(Task::Enter).await?;
        let factor = self.state.store.second_factor(&member).await.or_fail()?;
        let state = state_of(factor.as_ref());
        let kept = self
            .session
            .take_secret(NEW_CODES, &member.organization)
            .await?;
        let codes = kept.map(|kept| kept.expose().lines().map(str::to_owned).collect());
        // a session that is not sure of its member is not shown a seed
        let may_see = state == FactorState::Off && self.session.is_proved().await?;
        let enrolment = factor.filter(|_| may_see);
        Ok(SecondFactorView {
            required: self
                .state
                .store
                .owes_second_factor(&member)
                .await
                .or_fail()?,
            enrolment: enrolment.and_then(|factor| self.enrolment_view(factor.seed, &member)),
            email: member.email,
            state,
            codes,
        })
    }

    fn enrolment_view(&self, seed: Secret<String>, member: &Member) -> Option<EnrolmentView> {
        let enrolment = enrolment(seed, member, &self.host())?;
        Some(EnrolmentView {
            secret: in_groups(enrolment.seed.expose()),
            picture: picture(enrolment.url.expose())?,
        })
    }

    pub(super) async fn begin_enrolment(&self) -> Answer<()> {
        let member = self.allowed(Task::AddSecondFactor).await?;
        let store = &self.state.store;
        let begun = store.begin_second_factor(&member, &new_seed()).await;
        if begun.or_fail()? {
            Ok(())
        } else {
            Err(PortalError::Changed)
        }
    }

    pub(super) async fn end_enrolment(&self, code: SecretInput) -> Answer<()> {
        let member = self.allowed(Task::AddSecondFactor).await?;
        let store = &self.state.store;
        let factor = store.second_factor(&member).await.or_fail()?;
        let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_none()) else {
            return Err(PortalError::Changed);
        };
        let code = Secret::new(code.into_inner());
        let Some(step) = check_first(store, &member, &factor, &code).await? else {
            return Err(PortalError::field(Field::Code, Problem::Wrong));
        };
        let codes = new_codes();
        let confirmed = store
            .confirm_second_factor(&member, step, &as_compared(&codes))
            .await;
        if !confirmed.or_fail()? {
            return Err(PortalError::Changed);
        }
        self.session.renew_proved().await?;
        self.show_codes(&member, &codes).await
    }

    pub(super) async fn new_recovery_codes(&self, proof: Proof) -> Answer<()> {
        let member = self.allowed(Task::Enter).await?;
        prove(&self.state, &self.visitor, &member, proof).await?;
        let codes = new_codes();
        let store = &self.state.store;
        let replaced = store
            .replace_recovery_codes(&member, &as_compared(&codes))
            .await;
        if !replaced.or_fail()? {
            return Err(PortalError::Changed);
        }
        self.session.renew_proved().await?;
        self.show_codes(&member, &codes).await
    }

    pub(super) async fn drop_second_factor(&self, proof: Proof) -> Answer<()> {
        let member = self.allowed(Task::Enter).await?;
        prove(&self.state, &self.visitor, &member, proof).await?;
        let dropped = self.state.store.drop_second_factor(&member).await;
        if !dropped.or_fail()? {
            return Err(PortalError::Changed);
        }
        self.session.renew_proved().await
    }

    async fn show_codes(&self, member: &Member, codes: &[Secret<String>]) -> Answer<()> {
        let lines: Vec<&str> = codes.iter().map(|code| code.expose().as_str()).collect();
        let kept = Secret::new(lines.join("\n"));
        self.session
            .keep_secret(NEW_CODES, &member.organization, &kept)
            .await
    }
}

fn state_of(factor: Option<&SecondFactor>) -> FactorState {
    factor
        .and_then(|factor| {
            factor.confirmed_at.map(|since| FactorState::On {
                since: since.millis(),
                codes_left: factor.codes_left,
            })
        })
        .unwrap_or(FactorState::Off)
}

/// Four characters at a time, to be read and compared by people.
fn in_groups(seed: &str) -> String {
    let letters: Vec<char> = seed.chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

/// The QR code (ISO/IEC 18004) of a text, row by row. `None` for a text that is too long for one.
fn picture(text: &str) -> Option<Vec<Vec<bool>>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = 0..code.size();
    let row = |y| side.clone().map(|x| code.get_module(x, y)).collect();
    Some(side.clone().map(row).collect())
}
