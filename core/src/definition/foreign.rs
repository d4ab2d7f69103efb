//! Neighbours of Marathon's definitions that name images too and are not covered: Metronome's jobs and the options of
//! DC/OS packages. Only enough is read to say so.

use crate::json::Value;

/// The images that a Metronome job pulls: `run.docker.image` and `run.ucr.image.id`, in a job or an array of jobs.
pub(crate) fn metronome_images(root: Value<'_>) -> Vec<Value<'_>> {
    let jobs: Vec<Value<'_>> = if root.is_array() {
        root.elements().collect()
    } else {
        vec![root]
    };
    let mut images = Vec::new();
    for run in jobs.iter().filter_map(|job| job.get("run")) {
        let docker = run.get("docker").and_then(|docker| docker.get("image"));
        let ucr = run.get("ucr").and_then(|ucr| ucr.get("image")?.get("id"));
        images.extend(docker.into_iter().chain(ucr).filter(Value::is_string));
    }
    images
}

/// Whether a text is the options of a package (`dcos package install --options=…`): sections of settings, one of them
/// `service` or `framework`, and no schema of such settings.
pub(crate) fn is_package_options(root: Value<'_>) -> bool {
    // Consul's service files have a `service` too.
    let is_of_consul = |section: Value<'_>| ["check", "checks", "port"].iter().any(|key| section.get(key).is_some());
    let is_section = |key: &str| {
        root.get(key)
            .is_some_and(|section| section.is_object() && !is_of_consul(section))
    };
    let mut members = root.members();
    (is_section("service") || is_section("framework"))
        && root.get("properties").is_none()
        && members.all(|member| member.value.is_object())
}
