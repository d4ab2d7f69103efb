//! Arguments that say which files are taken, and how they are searched for.

use clap::Args;

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which files")]
pub(crate) struct WalkArguments {
    /// Also take files of a folder that match this glob (as in .gitignore), beside `*.json`
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Leave out files and folders that match this glob (as in .gitignore), even when named
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Search hidden folders and files too
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Do not honour .gitignore and .ignore files
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// How many threads, 64 at most; 0 chooses
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
}

/// Threads that search folders wait for one another by asking again and again: thousands of them do nothing else.
const MOST_THREADS: usize = 64;

impl WalkArguments {
    /// How many threads; 0 where that is left to whoever starts them.
    pub(crate) fn threads(&self) -> usize {
        self.threads.min(MOST_THREADS)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_more_threads_are_started_than_can_be_of_use() {
        let of = |threads| super::WalkArguments {
            threads,
            ..Default::default()
        };
        assert_eq!([0, 3, 64, 2000].map(|asked| of(asked).threads()), [0, 3, 64, 64]);
    }
}
