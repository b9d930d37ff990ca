//! Signs 2, 4, 19, 20, 21 and 26: owners.

use super::who::{Caller, Speaker};
use backend::access::{self, Access};
use backend::guard::owners::{self, Proof, Registrant};
use backend::{Backend, Result};
use domain::error::{Problem, Refusal};
use domain::guard::ids::OwnerName;
use domain::guard::messages::owners::{
    ImeiIs, OwnerRegistered, RegisterOwner, Registration, ResetPassword, SignIn, SignedIn, WebSignIn, WebSignedIn,
};
use domain::guard::messages::{Done, Plain, Reply};
use domain::people::Person;

/// Where numbers are verified, a message without a code has one sent to the number, and is to be sent again with it.
pub(super) async fn register(caller: &Caller<'_>, asked: RegisterOwner) -> Result<Reply> {
    let (b, address) = (caller.backend, caller.address);
    let new = Registrant {
        name: &asked.name,
        phone: &asked.owner,
        password: &asked.password,
        imei: Some(&asked.imei),
        code: asked.code.as_ref(),
    };
    let registered = if b.verifies_numbers() && new.code.is_none() {
        let sent = owners::request_registration_code(b, address, new.phone).await;
        sent.and(Err(Refusal::field("code", Problem::Required)))
    } else {
        owners::register(b, address, new).await
    };
    let (result, token) = match registered {
        Ok(signed_in) => (Registration::Done, Some(signed_in.token)),
        Err(Refusal::Field {
            problem: Problem::Taken,
            ..
        }) => (Registration::Taken, None),
        Err(refusal) => return Err(refusal),
    };
    Ok(Reply::RegisterOwner(OwnerRegistered { result, token }))
}

pub(super) async fn sign_in(caller: &Caller<'_>, asked: SignIn) -> Result<Reply> {
    let (b, address) = (caller.backend, caller.address);
    let signed_in = owners::sign_in(b, address, &asked.owner, &asked.password, Some(&asked.imei)).await?;
    Ok(Reply::SignIn(SignedIn {
        result: Plain::Done,
        owner_name: name(&signed_in.person.name),
        imei: Some(signed_in.previous_imei),
        grade: Some(signed_in.grade),
        token: Some(signed_in.token),
    }))
}

pub(super) async fn sign_in_on_the_web(caller: &Caller<'_>, asked: WebSignIn) -> Result<Reply> {
    let signed_in = owners::sign_in(caller.backend, caller.address, &asked.owner, &asked.password, None).await?;
    Ok(Reply::WebSignIn(WebSignedIn {
        result: Plain::Done,
        owner_name: name(&signed_in.person.name),
        token: Some(signed_in.token),
    }))
}

/// With a code, by the code; else by the token; with neither, a code is sent to the owner, and the message is to be said again with it.
pub(super) async fn reset_password(caller: &Caller<'_>, who: &Speaker, asked: &ResetPassword) -> Result<Reply> {
    let (b, address) = (caller.backend, caller.address);
    let proof = match (&asked.code, who.owner()) {
        (Some(code), _) => Proof::Code { code, address },
        (None, Ok(owner)) => Proof::SignedIn(owner),
        (None, Err(Refusal::NotSignedIn)) => {
            owners::request_reset_code(b, address, &asked.owner).await?;
            return Err(Refusal::NotSignedIn);
        }
        (None, Err(refusal)) => return Err(refusal),
    };
    owners::reset_password(b, &asked.owner, &asked.new_password, proof).await?;
    Ok(Reply::ResetPassword(Done::OK))
}

pub(super) async fn rename(b: &Backend, who: &Person, name: &OwnerName) -> Result<Reply> {
    owners::rename(b, who, name).await?;
    Ok(Reply::RenameOwner(Done::OK))
}

pub(super) async fn current_imei(b: &Backend, access: &Access) -> Result<Reply> {
    access::told(b, access).await?;
    Ok(Reply::CurrentImei(ImeiIs {
        result: Plain::Done,
        imei: Some(access.imei.clone()),
    }))
}

/// As a message carries it: names given by an operator may be longer.
pub(super) fn name(name: &str) -> Option<OwnerName> {
    let cut: String = name.chars().take(64).collect();
    OwnerName::parse(&cut).ok()
}
