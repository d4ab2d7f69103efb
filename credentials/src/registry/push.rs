//! Whether a registry takes an upload.

use pullcreds_core::image::Reference;

use super::endpoint;
use super::session::Session;
use super::token::Action;
use super::verdict::Verdict;
use super::wire::{Method, Request};
use crate::Secret;

impl Session<'_> {
    /// Whether an upload into an image's repository can be begun; one that is begun is given up again.
    ///
    /// # Errors
    /// When the registry does not answer.
    pub fn push(&self, image: &Reference<'_>) -> Result<bool, Verdict> {
        let contact = self.contact()?;
        let sent = match self.authorize(contact, image.repository(), Action::Push) {
            Ok(sent) => sent,
            Err(Verdict::NeedsCredentials | Verdict::WrongCredentials | Verdict::Denied { .. }) => return Ok(false),
            Err(verdict) => return Err(verdict),
        };
        let url = format!("{}/v2/{}/blobs/uploads/", contact.base.url, image.repository());
        let mut request = self.request(Method::Post, url, &contact.base);
        request.authorization = sent.authorization;
        request.form = Some(Secret::default());
        let answer = self.ask(&request)?;
        if answer.status != 202 {
            return Ok(false);
        }
        let begun = answer.location.and_then(|to| endpoint::location(&request.url, &to));
        if let Some(url) = begun.filter(|url| endpoint::origin(url) == endpoint::origin(&request.url)) {
            let give_up = Request {
                method: Method::Delete,
                url,
                form: None,
                ..request
            };
            // A registry clears away what nobody goes on with, too.
            let _ = self.ask(&give_up);
        }
        Ok(true)
    }
}
