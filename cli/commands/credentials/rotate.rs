//! `pullcreds credentials rotate`: new credentials in an order that breaks no running service, as a checklist.
//!
//! What the definitions say is asked of the core; what each step must be is written down here and in docs/credentials.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use anyhow::bail;
use pullcreds_core::definition::Containerizer;
use pullcreds_core::image::Reference;
use pullcreds_core::policy::Credentials;
use pullcreds_core::transform::{Checked, Named, Options, PullSite, Selection, TransformError, check};
use pullcreds_credentials::host;

use super::file::Failed;
use super::{definitions, words};
use crate::args::Voice;
use crate::args::agents::RotateArguments;
use crate::commands::fail;
use crate::config::Folder;
use crate::outcome::Exit;
use crate::printer;
use crate::report::safe;

/// The rule that finds a fetch whose file the agents keep.
const CACHED: &str = "MC013";

pub(super) fn run(arguments: &RotateArguments, voice: Voice) -> anyhow::Result<Exit> {
    for registry in &arguments.registry {
        if !host::is_registry(host::hostname(&host::login_key(registry))) {
            bail!("--registry {registry}: no registry: write its host, and its port where images are written with one");
        }
    }
    let mut concerned = Concerned::default();
    let looked = definitions::each(&arguments.paths, &arguments.policy, |path, bytes, folder| {
        concerned.look(path, bytes, folder, arguments)
    })?;
    if let Err(Failed { name, text, problem }) = looked {
        return fail(voice, &name, text.expose(), &problem);
    }
    printer::output(concerned.checklist(arguments).as_bytes())?;
    Ok(Exit::Clean)
}

/// What the definitions say of the registry's images.
#[derive(Default)]
struct Concerned {
    /// A row a pull site.
    rows: Vec<Row>,
    archives: BTreeSet<String>,
    secrets: BTreeSet<String>,
    /// Whom tasks run as where they do not say, by the policies.
    users: BTreeSet<String>,
    by_cluster: bool,
    by_nothing: bool,
    /// Apps that fetch from the cache.
    cached: BTreeMap<String, String>,
}

struct Row {
    id: String,
    file: String,
    image: String,
    credentials: String,
    forces_pull: bool,
}

impl Concerned {
    fn look(
        &mut self,
        path: &Path,
        bytes: &[u8],
        folder: &Folder,
        arguments: &RotateArguments,
    ) -> Result<(), TransformError> {
        let file = path.to_string_lossy();
        let mut ids = BTreeSet::new();
        for site in definitions::as_fixed(bytes, &arguments.text, folder)? {
            let Ok(reference) = Reference::parse(&site.image) else {
                continue;
            };
            if is_of(&reference, &arguments.registry) {
                ids.extend(site.id.as_ref().map(ToString::to_string));
                self.add(&site, &reference, &file, folder);
            }
        }
        if ids.is_empty() {
            return Ok(());
        }
        let user = folder.policy().default_user().filter(|user| words::is_user(user));
        self.users.extend(user.map(str::to_owned));
        let selection = Selection::default();
        let options = Options {
            kind: arguments.text.kind,
            group: arguments.text.group.as_deref(),
            ..Options::new(folder.policy(), &selection)
        };
        if let Checked::Definition(analysis) = check(bytes, &options)? {
            let cached = analysis.findings.into_iter().filter(|finding| finding.code == CACHED);
            let ids = cached.filter_map(|finding| finding.id).filter(|id| ids.contains(id));
            self.cached.extend(ids.map(|id| (id, file.clone().into_owned())));
        }
        Ok(())
    }

    fn add(&mut self, site: &PullSite, reference: &Reference<'_>, file: &str, folder: &Folder) {
        let mut named = Vec::new();
        for credential in &site.named {
            match credential {
                Named::Fetched { uri } => {
                    self.archives.insert(uri.clone());
                    named.push(uri.clone());
                }
                Named::Secret { source, .. } => {
                    let source = source.as_deref().unwrap_or("?");
                    let source = source.strip_prefix('/').unwrap_or(source);
                    self.secrets.insert(source.to_owned());
                    named.push(format!("secret {source}"));
                }
            }
        }
        if named.is_empty() {
            let registry = folder.policy().registry_for(&site.image, Some(reference));
            let is_cluster = registry.is_some_and(|(_, registry)| registry.credentials() == Credentials::Cluster);
            self.by_cluster |= is_cluster;
            self.by_nothing |= !is_cluster;
            named.push(
                if is_cluster {
                    "those of the agents"
                } else {
                    "none named"
                }
                .to_owned(),
            );
        }
        let by = match site.containerizer {
            Containerizer::Docker => "Docker",
            Containerizer::Ucr => "UCR",
            Containerizer::Unknown => "?",
        };
        self.rows.push(Row {
            id: site.shown_id.clone().unwrap_or_else(|| "?".to_owned()),
            file: file.to_owned(),
            image: format!("{} ({by})", site.image),
            credentials: named.join(", "),
            forces_pull: site.forces_pull,
        });
    }

    fn checklist(&self, arguments: &RotateArguments) -> String {
        let registries: Vec<_> = arguments.registry.iter().map(|registry| code(registry)).collect();
        let mut list = Checklist::new(&format!("New credentials for {}", registries.join(", ")));
        self.concerned(&mut list);
        let new = arguments.from_config.to_string_lossy();
        let paths: Vec<_> = arguments.paths.iter().map(|path| path.to_string_lossy()).collect();
        let paths: Vec<&str> = paths.iter().map(AsRef::as_ref).collect();
        let chosen: Vec<&str> = arguments
            .registry
            .iter()
            .flat_map(|registry| ["--registry", registry])
            .collect();

        list.step("Make the new credentials beside the old ones");
        list.say(
            "A second user or token at the registry. Both must be good until the last step: a task that starts in \
                  between uses either.",
        );
        let key = arguments.registry.first().map_or("REGISTRY", String::as_str);
        let add = ["--username", "USER", "--password-stdin", "--file", &new];
        list.run(&format!(
            "{} < password.txt",
            words::command(&[&["pullcreds", "credentials", "add", key], &add[..]].concat())
        ));

        list.step("Verify them before anybody gets them");
        list.run(&words::command(&["pullcreds", "credentials", "check", &new]));
        list.run(&words::command(
            &[&["pullcreds", "check", "--config-json", &new], &paths[..]].concat(),
        ));
        list.run(&words::command(
            &[
                &["pullcreds", "credentials", "verify", "--config-json", &new],
                &paths[..],
            ]
            .concat(),
        ));
        list.say("The last asks the registry itself, which alone can say whether they may pull.");

        if !self.archives.is_empty() {
            self.archive_steps(&mut list, &new, &chosen);
        }
        if !self.secrets.is_empty() {
            self.secret_steps(&mut list, arguments, &new, &chosen);
        }
        if self.by_cluster {
            list.step("Give them to the agents themselves");
            let words = [
                &["pullcreds", "credentials", "cluster", "--from-config", &new],
                &chosen[..],
            ]
            .concat();
            list.run(&format!("{} --nodes nodes.txt > cluster.sh", words::command(&words)));
            list.run("sh cluster.sh");
            list.say("It restarts one agent after the other, and stops where one does not run afterwards.");
        }
        if self.by_nothing {
            list.say(
                "**Some of them name no credentials, and the policy has none for them:** see the table. Find out \
                      with what they are pulled before you go on.",
            );
        }
        self.proof_steps(&mut list);
        list.out
    }

    fn concerned(&self, list: &mut Checklist) {
        if self.rows.is_empty() {
            list.say("**No definition here pulls from there.** Are these all the definitions of the cluster?");
            return;
        }
        list.say("Concerned:");
        list.out
            .push_str("\n| app or pod | in | pulls | with | forces the pull |\n|---|---|---|---|---|\n");
        for row in &self.rows {
            let cells = [&row.id, &row.file, &row.image, &row.credentials].map(|cell| code(cell));
            let forces = if row.forces_pull { "yes" } else { "no" };
            // Writing to memory cannot fail.
            let _ = writeln!(list.out, "| {} | {forces} |", cells.join(" | "));
        }
        list.say(
            "None of them has to be deployed anew, and none is restarted, as long as paths and secrets keep their \
                  names.",
        );
    }

    /// Whom the archive is for, where the policies agree.
    fn user(&self) -> Vec<&str> {
        match self.users.first() {
            Some(user) if self.users.len() == 1 => vec!["--user", user],
            _ => Vec::new(),
        }
    }

    fn archive_steps(&self, list: &mut Checklist, new: &str, chosen: &[&str]) {
        list.step("Put the new archive where it is fetched");
        let words = [&["pullcreds", "credentials", "archive", "--from-config", new], chosen].concat();
        list.run(&words::command(&words));
        for uri in &self.archives {
            match uri.strip_prefix("file://") {
                Some(path) => {
                    let words = ["pullcreds", "credentials", "distribute", "docker.tar.gz", "--to", path];
                    let words = [&words[..], &self.user()].concat();
                    list.run(&format!("{} --nodes nodes.txt > distribute.sh", words::command(&words)));
                    list.run("sh distribute.sh");
                }
                None => list.say(&format!(
                    "Upload it to {}, with the access that the old one had.",
                    code(uri)
                )),
            }
        }
        if self.archives.iter().any(|uri| uri.starts_with("file://")) {
            list.say(
                "With the `--user` of the old one: whoever could read that must be able to read this, or fetches fail. \
                      See `user` in the definitions, and `default-user` in the policy.",
            );
        }
        for (id, file) in &self.cached {
            list.say(&format!(
                "**{} ({}) fetches with `cache: true`:** agents keep the old archive and never look again. Give the new \
                 one another name, change the `uri`, and deploy it anew, which restarts it.",
                code(id),
                code(file)
            ));
        }
    }

    fn secret_steps(&self, list: &mut Checklist, arguments: &RotateArguments, new: &str, chosen: &[&str]) {
        list.step("Update the secrets");
        let dry = self.secrets.iter().map(String::as_str);
        let words: Vec<&str> = ["pullcreds", "credentials", "secret"].into_iter().chain(dry).collect();
        let words = [&words[..], &["--from-config", new], chosen].concat();
        list.run(&words::command(&words));
        list.say("It prints `create`; these are there already:");
        let flag = super::secret::file_flag(arguments.dcos_version);
        for secret in &self.secrets {
            let file = format!("{flag}pull-config.json");
            list.run(&words::command(&[
                "dcos", "security", "secrets", "update", &file, secret,
            ]));
        }
        list.say("Tasks that run go on; UCR asks for the secret at the next pull.");
    }

    fn proof_steps(&self, list: &mut Checklist) {
        list.step("See that every agent has them");
        for uri in &self.archives {
            list.run(&format!(
                "{} > probe.json",
                words::command(
                    &[
                        &["pullcreds", "credentials", "probe", uri, "--nodes", "nodes.txt"],
                        &self.user()[..]
                    ]
                    .concat()
                )
            ));
            list.run("dcos marathon app add probe.json");
            list.run("dcos marathon task list --json /pullcreds-probe > tasks.json");
            list.run(&words::command(&[
                "pullcreds",
                "credentials",
                "probe",
                uri,
                "--nodes",
                "nodes.txt",
                "--tasks",
                "tasks.json",
            ]));
            list.run("dcos marathon app remove /pullcreds-probe");
        }
        list.say(
            "That a service still runs, or starts again, proves nothing: an agent that has its image does not ask \
                  the registry unless the pull is forced. What is wrong shows on the first agent that has not, perhaps \
                  months later.",
        );
        let cached: BTreeSet<_> = self
            .rows
            .iter()
            .filter(|row| !row.forces_pull)
            .map(|row| &row.id)
            .collect();
        if !cached.is_empty() {
            let ids: Vec<_> = cached.into_iter().map(|id| code(id)).collect();
            list.say(&format!("Images that hide it so: those of {}.", ids.join(", ")));
        }
        list.step("Revoke the old ones");
        list.say(
            "At the registry. From now on only the new ones are good. Then look at its log for refused pulls: they \
                  come from whoever still has the old ones.",
        );
        list.step("Clean up");
        list.say("Delete the files with credentials that these steps made here: they are for nobody's shelf.");
    }
}

fn is_of(reference: &Reference<'_>, registries: &[String]) -> bool {
    registries.iter().any(|registry| {
        let wanted = if host::is_hub(registry) {
            "docker.io"
        } else {
            host::hostname(registry)
        };
        reference.registry() == wanted
    })
}

/// Fit for Markdown, also in a table.
fn code(text: &str) -> String {
    format!("`{}`", safe::line(text).replace('`', "'").replace('|', "\\|"))
}

/// Markdown that grows.
struct Checklist {
    out: String,
    steps: usize,
}

impl Checklist {
    fn new(title: &str) -> Checklist {
        Checklist {
            out: format!("# {title}\n"),
            steps: 0,
        }
    }

    fn step(&mut self, title: &str) {
        self.steps += 1;
        let _ = write!(self.out, "\n## {}. [ ] {title}\n", self.steps);
    }

    fn say(&mut self, text: &str) {
        let _ = write!(self.out, "\n{text}\n");
    }

    /// A command; those that follow one another stand in one block.
    fn run(&mut self, command: &str) {
        const END: &str = "```\n";
        if self.out.ends_with(END) {
            self.out.truncate(self.out.len() - END.len());
        } else {
            self.out.push_str("\n```sh\n");
        }
        let _ = write!(self.out, "{command}\n{END}");
    }
}
