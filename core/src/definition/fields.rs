//! The members of an app or pod that matter to its pulls, found in one pass over the object.

use crate::json::Value;

/// The members; of two with one key the last, as Marathon reads them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fields<'d> {
    /// `id`
    pub id: Option<Value<'d>>,
    /// `container` of an app.
    pub container: Option<Value<'d>>,
    /// `containers` of a pod.
    pub containers: Option<Value<'d>>,
    /// `fetch`
    pub fetch: Option<Value<'d>>,
    /// `uris`
    pub uris: Option<Value<'d>>,
    /// `secrets`
    pub secrets: Option<Value<'d>>,
    /// `labels`
    pub labels: Option<Value<'d>>,
    /// `user`
    pub user: Option<Value<'d>>,
    /// `pullConfig`, which belongs elsewhere.
    pub pull_config: Option<Value<'d>>,
    /// Whether one of them stands there twice.
    pub(crate) has_twins: bool,
}

impl<'d> Fields<'d> {
    /// Looks through an object; finds nothing in what is none.
    pub fn of(owner: Value<'d>) -> Fields<'d> {
        let mut fields = Fields::default();
        for member in owner.members() {
            let place = match member.key.decoded_bytes().as_ref() {
                b"id" => &mut fields.id,
                b"container" => &mut fields.container,
                b"containers" => &mut fields.containers,
                b"fetch" => &mut fields.fetch,
                b"uris" => &mut fields.uris,
                b"secrets" => &mut fields.secrets,
                b"labels" => &mut fields.labels,
                b"user" => &mut fields.user,
                b"pullConfig" => &mut fields.pull_config,
                _ => continue,
            };
            fields.has_twins |= place.replace(member.value).is_some();
        }
        fields
    }
}
