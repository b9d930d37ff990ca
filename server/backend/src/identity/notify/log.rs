//! Messages into the log, for development.

use super::{Content, Message, NotSent, Notifier};

/// Writes messages, codes included, into the log. Anybody who reads the log may then set anybody's password, so this is for
/// development and for the demo only.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogNotifier;

#[async_trait::async_trait]
impl Notifier for LogNotifier {
    async fn send(&self, message: &Message) -> Result<(), NotSent> {
        match &message.content {
            Content::ResetCode { code, expires } => {
                let (phone, expires) = (message.phone.as_str(), expires.to_iso());
                tracing::warn!(phone, code, expires, "development notifier: a code for a new password");
            }
            Content::RegistrationCode { code, expires } => {
                let (phone, expires) = (message.phone.as_str(), expires.to_iso());
                tracing::warn!(phone, code, expires, "development notifier: a code for registering");
            }
            Content::SuperiorAsks { superior, page, .. } => {
                let (phone, superior) = (message.phone.as_str(), superior.as_str());
                tracing::info!(
                    phone,
                    superior,
                    page,
                    "development notifier: somebody asks to be their superior"
                );
            }
            Content::SuperiorReads { superior, page, .. } => {
                let (phone, superior) = (message.phone.as_str(), superior.as_str());
                tracing::info!(
                    phone,
                    superior,
                    page,
                    "development notifier: a superior's superior reads as well"
                );
            }
        }
        Ok(())
    }
}
