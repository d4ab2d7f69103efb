//! Puts all questions, each registry with each set of credentials in a session of its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::thread;

use pullcreds_core::image::{Exposure, Reference, exposure};
use pullcreds_credentials::registry::{Presented, Session, Verdict, endpoint};

use super::outcome::{Asked, Registry, Results};
use super::queue::{self, Line};
use super::targets::Question;
use super::wire::{self, Network};
use crate::args::Voice;
use crate::args::verify::NetworkArguments;
use crate::progress::Counter;

/// Asks everything.
pub(super) fn all(
    questions: Vec<Question>,
    network: &Network,
    arguments: &NetworkArguments,
    voice: Voice,
) -> anyhow::Result<Results> {
    let references: Vec<_> = questions
        .iter()
        .filter_map(|question| Reference::parse(&question.image).ok())
        .collect();
    let lines = lines(&questions, &references, network)?;
    let sessions: Vec<Session<'_>> = lines
        .iter()
        .map(|(line, _, asked)| {
            let first = asked[0];
            let question = &questions[first];
            let session = Session::new(line, question.reader, &references[first], question.presented.clone());
            if arguments.plain_http {
                session.allow_plain()
            } else {
                session
            }
        })
        .collect();
    let verdicts = Mutex::new(HashMap::new());
    let counter = Counter::new("asked for", questions.len(), "images");
    let work = lines.iter().enumerate().map(|(at, (_, host, asked))| Line {
        host: host.clone(),
        items: asked.iter().map(|index| (at, *index)).collect(),
    });
    let jobs = usize::from(arguments.jobs);
    thread::scope(|scope| {
        let _watch = (!voice.quiet).then(|| counter.show(scope));
        queue::run(work.collect(), jobs, |(session, index): (usize, usize)| {
            let verdict = sessions[session].pull(&references[index]);
            verdicts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(index, verdict);
            counter.count();
        });
    });
    let mut verdicts = verdicts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let registries = registries(&questions, &references, &verdicts, network, arguments)?;
    drop(sessions);
    drop(references);
    let asked = questions.into_iter().enumerate().map(|(index, question)| Asked {
        // Every index was queued.
        verdict: verdicts.remove(&index).unwrap_or(Verdict::NoImage),
        question,
    });
    Ok(Results {
        asked: asked.collect(),
        registries,
    })
}

/// Questions that go into one session, with the connections for it.
type Group<'n> = (wire::Line<'n>, String, Vec<usize>);

fn lines<'n>(
    questions: &[Question],
    references: &[Reference<'_>],
    network: &'n Network,
) -> anyhow::Result<Vec<Group<'n>>> {
    let mut known = HashMap::new();
    let mut groups: Vec<Group<'n>> = Vec::new();
    for (index, (question, reference)) in questions.iter().zip(references).enumerate() {
        let host = endpoint::authority(reference, question.reader);
        let key = (question.reader, host, question.entry.as_ref());
        let at = match known.get(&key) {
            Some(&at) => at,
            None => {
                groups.push((network.line(question.reader, host)?, host.to_owned(), Vec::new()));
                known.insert(key, groups.len() - 1);
                groups.len() - 1
            }
        };
        groups[at].2.push(index);
    }
    Ok(groups)
}

/// Asks each private registry, with one image that can be pulled, what it gives to anyone.
fn registries(
    questions: &[Question],
    references: &[Reference<'_>],
    verdicts: &HashMap<usize, Verdict>,
    network: &Network,
    arguments: &NetworkArguments,
) -> anyhow::Result<Vec<Registry>> {
    let mut hosts: Vec<(&str, Option<usize>)> = Vec::new();
    for (index, (question, reference)) in questions.iter().zip(references).enumerate() {
        let host = endpoint::authority(reference, question.reader);
        let is_known = |index: &usize| verdicts.get(index) == Some(&Verdict::Pullable);
        let candidate = Some(index).filter(is_known);
        match hosts.iter_mut().find(|(known, _)| *known == host) {
            Some((_, example)) => *example = example.or(candidate),
            None => hosts.push((host, candidate)),
        }
    }
    let found = Mutex::new(HashMap::new());
    let mut work = Vec::new();
    for (at, (host, example)) in hosts.iter().enumerate() {
        let Some(example) = *example else { continue };
        // What is public is meant to be.
        if exposure(&references[example]) == Exposure::Public {
            continue;
        }
        work.push(Line {
            host: (*host).to_owned(),
            items: vec![(at, example, network.line(questions[example].reader, host)?)],
        });
    }
    queue::run(
        work,
        usize::from(arguments.jobs),
        |(at, example, line): (usize, usize, wire::Line<'_>)| {
            let anyone = Anyone::ask(&line, &questions[example], &references[example], arguments.probe_push);
            found.lock().unwrap_or_else(PoisonError::into_inner).insert(at, anyone);
        },
    );
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let clocks = network.clocks();
    let registry = |(at, (host, _)): (usize, &(&str, Option<usize>))| Registry {
        host: (*host).to_owned(),
        anyone_pulls: found.get(&at).and_then(|anyone| anyone.pulls),
        anyone_pushes: found.get(&at).and_then(|anyone| anyone.pushes),
        clock: clocks.get(*host).copied(),
    };
    Ok(hosts.iter().enumerate().map(registry).collect())
}

/// What a registry gives to somebody without credentials.
struct Anyone {
    pulls: Option<bool>,
    pushes: Option<bool>,
}

impl Anyone {
    fn ask(line: &wire::Line<'_>, question: &Question, reference: &Reference<'_>, push: bool) -> Anyone {
        let session = |reader| Session::new(line, reader, reference, Presented::default());
        let pulls = if question.presented.is_nothing() {
            Some(true)
        } else {
            match session(question.reader).pull(reference) {
                Verdict::Pullable => Some(true),
                Verdict::NeedsCredentials | Verdict::Denied { .. } => Some(false),
                _ => None,
            }
        };
        Anyone {
            pulls,
            pushes: push.then(|| session(question.reader).push(reference).ok()).flatten(),
        }
    }
}
