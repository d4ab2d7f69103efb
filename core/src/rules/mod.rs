//! The rules: one file a family, one row a rule in [`RULES`].
//!
//! A rule looks at the model of one app or pod beside the policy and reports what it finds, each with the changes that
//! would mend it. It never touches text; [`crate::transform`] turns changes into patches. To add one: a row in the table,
//! a function in the file of its family, a page in docs/rules/, a case in fixtures/cases/.

mod archive;
mod artifact;
mod context;
mod draft;
mod image;
mod inline;
mod pull_config;
mod secrets;
mod shape;
mod update;
mod uris;

pub(crate) use context::{Context, SiteFacts};
pub(crate) use draft::{Draft, Drafts};

use crate::definition::{Definition, Model};
use crate::finding::{Applicability, Severity};

/// What a rule may look for, and how to speak of it.
#[derive(Debug)]
pub struct Rule {
    /// `MC001`. Codes never change their meaning once released.
    pub code: &'static str,
    /// `missing-archive`.
    pub name: &'static str,
    /// The severity where neither the policy nor the finding itself says otherwise.
    pub severity: Severity,
    /// The kind of fix that it can offer.
    pub fix: Option<Applicability>,
    /// What it detects, in one line.
    pub summary: &'static str,
    check: Check,
}

/// How a rule looks.
#[derive(Debug)]
enum Check {
    /// At one app or pod.
    Owner(for<'d> fn(&Context<'_, 'd>, &Model<'d>, &mut Drafts<'_>)),
    /// At the definition as a whole; its places are relative to the root of the text.
    Definition(fn(&Definition<'_>, &mut Drafts<'_>)),
}

/// All rules, in the order of their codes.
pub static RULES: &[Rule] = &{
    use Applicability::{OptIn, Safe, Unsafe};
    use Check::Owner;
    use Severity::{Error, Info, Warning};
    const fn rule(
        code: &'static str,
        name: &'static str,
        severity: Severity,
        fix: Option<Applicability>,
        summary: &'static str,
        check: Check,
    ) -> Rule {
        Rule {
            code,
            name,
            severity,
            fix,
            summary,
            check,
        }
    }
    [
        rule(
            "MC001",
            "missing-archive",
            Error,
            Some(Safe),
            "a private image for the Docker containerizer, and no credential archive is fetched",
            Owner(archive::missing),
        ),
        rule(
            "MC002",
            "missing-pull-config",
            Error,
            Some(Safe),
            "a private image for UCR or a pod without a pullConfig",
            Owner(pull_config::missing),
        ),
        rule(
            "MC003",
            "pull-config-on-docker",
            Error,
            Some(Unsafe),
            "a pullConfig, which Marathon refuses for the Docker containerizer",
            Owner(pull_config::on_docker),
        ),
        rule(
            "MC004",
            "ineffective-archive",
            Warning,
            Some(OptIn),
            "a credential archive, which UCR and pods never read",
            Owner(archive::ineffective),
        ),
        rule(
            "MC005",
            "undeclared-secret",
            Error,
            Some(Safe),
            "a pullConfig that names a secret which `secrets` does not have",
            Owner(pull_config::undeclared),
        ),
        rule(
            "MC006",
            "empty-secret",
            Error,
            None,
            "a secret with an empty key or without a source",
            Owner(secrets::empty),
        ),
        rule(
            "MC007",
            "unreadable-secret",
            Error,
            None,
            "a pull secret that the space of the service may not read",
            Owner(secrets::unreadable),
        ),
        rule(
            "MC008",
            "cluster-wide-secret",
            Info,
            None,
            "a pull secret that every service of the cluster can read",
            Owner(secrets::cluster_wide),
        ),
        rule(
            "MC009",
            "uris-and-fetch",
            Error,
            Some(Safe),
            "`uris` and `fetch` together, which Marathon refuses",
            Owner(uris::with_fetch),
        ),
        rule(
            "MC010",
            "deprecated-uris",
            Info,
            Some(OptIn),
            "`uris`, which `fetch` has replaced",
            Owner(uris::deprecated),
        ),
        rule(
            "MC011",
            "archive-not-extracted",
            Error,
            Some(Safe),
            "a credential archive with `extract: false`",
            Owner(artifact::not_extracted),
        ),
        rule(
            "MC012",
            "archive-executable",
            Error,
            Some(Safe),
            "a credential archive with `executable: true`, which suppresses its extraction",
            Owner(artifact::executable),
        ),
        rule(
            "MC013",
            "archive-cached",
            Warning,
            Some(OptIn),
            "a cached credential archive, which is never refreshed",
            Owner(artifact::cached),
        ),
        rule(
            "MC014",
            "archive-suffix",
            Error,
            Some(Safe),
            "a credential archive under a name that the fetcher does not extract",
            Owner(artifact::suffix),
        ),
        rule(
            "MC015",
            "raw-config-misplaced",
            Error,
            Some(Safe),
            "a config.json that does not land where Docker looks for it",
            Owner(artifact::misplaced_config),
        ),
        rule(
            "MC016",
            "bad-uri",
            Error,
            None,
            "a credential URI that Marathon or the Mesos fetcher refuses",
            Owner(artifact::bad_uri),
        ),
        rule(
            "MC017",
            "exposed-uri",
            Warning,
            None,
            "credentials fetched over plain http, or written into a URI",
            Owner(artifact::exposed),
        ),
        rule(
            "MC018",
            "duplicate-archive",
            Warning,
            Some(Safe),
            "more than one credential archive: the last one extracted wins",
            Owner(archive::duplicate),
        ),
        rule(
            "MC019",
            "docker-credential",
            Error,
            None,
            "`docker.credential`, which Marathon refuses",
            Owner(inline::credential),
        ),
        rule(
            "MC020",
            "inline-credential",
            Error,
            None,
            "a registry credential written into the definition",
            Owner(inline::inline),
        ),
        rule(
            "MC021",
            "implicit-docker",
            Info,
            Some(OptIn),
            "no `container.type`, which means DOCKER",
            Owner(shape::implicit_docker),
        ),
        rule(
            "MC022",
            "type-case",
            Info,
            Some(OptIn),
            "a container type or image kind in unusual letters, or of an unknown name",
            Owner(shape::type_case),
        ),
        rule(
            "MC023",
            "appc-image",
            Warning,
            None,
            "an appc image, which Marathon 1.9 and later refuse",
            Owner(image::appc),
        ),
        rule(
            "MC024",
            "pods-in-group",
            Error,
            None,
            "pods in a group, which Marathon drops silently when the group is written",
            Check::Definition(shape::pods_in_group),
        ),
        rule(
            "MC025",
            "misspelt-key",
            Warning,
            Some(Unsafe),
            "a key that Marathon does not read, where another is meant",
            Owner(shape::misspelt),
        ),
        rule(
            "MC026",
            "update-replaces",
            Warning,
            None,
            "an update that replaces stored credentials",
            Owner(update::replaces),
        ),
        rule(
            "MC027",
            "cached-image",
            Info,
            None,
            "a private image with a mutable tag that is not pulled at each start",
            Owner(image::cached),
        ),
        rule(
            "MC028",
            "bad-image",
            Error,
            None,
            "an image reference that cannot be pulled",
            Owner(image::invalid),
        ),
        rule(
            "MC029",
            "misplaced-key",
            Error,
            Some(Safe),
            "`fetch`, `pullConfig` or `secrets` at a level where Marathon does not read it",
            Owner(shape::misplaced),
        ),
        rule(
            "MC030",
            "unreadable-archive",
            Warning,
            None,
            "a local archive that the user of the task may not be able to read",
            Owner(archive::unreadable),
        ),
        rule(
            "MC031",
            "ecr-static",
            Info,
            None,
            "static credentials for ECR, whose tokens last twelve hours",
            Owner(image::ecr),
        ),
        rule(
            "MC032",
            "ucr-docker-io",
            Info,
            None,
            "an explicit `docker.io/` for UCR, which does not rewrite it",
            Owner(image::ucr_docker_io),
        ),
        rule(
            "MC033",
            "package-generated",
            Info,
            None,
            "a definition that a DC/OS package generated",
            Owner(shape::package_generated),
        ),
        rule(
            "MC034",
            "possibly-private",
            Warning,
            None,
            "an image on a possibly private host that no policy names",
            Owner(image::possibly_private),
        ),
    ]
};

/// The rule with this code or name, in any case.
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.code.eq_ignore_ascii_case(code_or_name) || rule.name.eq_ignore_ascii_case(code_or_name))
}

/// Runs the rules that are switched on over one app or pod.
pub(crate) fn run<'d>(context: &Context<'_, 'd>, model: &Model<'d>, active: Active) -> Vec<Draft> {
    let mut found = Vec::new();
    for (index, rule) in RULES.iter().enumerate() {
        if let (true, Check::Owner(check)) = (active.has(index), &rule.check) {
            check(
                context,
                model,
                &mut Drafts {
                    rule,
                    found: &mut found,
                },
            );
        }
    }
    found
}

/// Runs the rules that look at a definition as a whole.
pub(crate) fn run_whole(definition: &Definition<'_>, active: Active) -> Vec<Draft> {
    let mut found = Vec::new();
    for (index, rule) in RULES.iter().enumerate() {
        if let (true, Check::Definition(check)) = (active.has(index), &rule.check) {
            check(
                definition,
                &mut Drafts {
                    rule,
                    found: &mut found,
                },
            );
        }
    }
    found
}

/// Which rules are switched on, a bit a rule of [`RULES`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Active(u64);

impl Active {
    /// Every rule.
    pub(crate) const ALL: Active = Active(u64::MAX);

    /// Asks for each rule.
    pub(crate) fn of(mut wanted: impl FnMut(&Rule) -> bool) -> Active {
        let bits = RULES.iter().enumerate().filter(|(_, rule)| wanted(rule));
        Active(bits.fold(0, |bits, (index, _)| bits | 1 << index))
    }

    fn has(self, index: usize) -> bool {
        self.0 & 1 << index != 0
    }
}
