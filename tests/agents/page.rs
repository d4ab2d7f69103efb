//! docs/credentials.md: its commands run as they stand, and print what it says they print.

use std::fs;
use std::path::Path;

use super::{house_with_archive, shell};
use crate::debian;
use crate::util::APP;

#[test]
fn the_commands_of_the_page_run() {
    if !debian::are_here("the commands of docs/credentials.md", &[("openssl", "openssl")]) {
        return;
    }
    let house = house_with_archive();
    house.write("nodes.txt", "10.0.0.1\n10.0.0.2\n");
    house.write("apps/web.json", &APP.replace("private.example", "registry.example"));
    house.write("tasks.json", r#"[{"host": "10.0.0.1", "state": "TASK_RUNNING"}]"#);
    let line =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=CA";
    shell(&house, "sh", line, &[]).exits_with(0);
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/credentials.md")).unwrap();
    let ours = Path::new(env!("CARGO_BIN_EXE_pullcreds")).parent().unwrap();
    let path = format!("{}:{}", ours.display(), std::env::var("PATH").unwrap());
    let commands: Vec<&str> = page
        .split("```sh\n")
        .skip(1)
        .map(|block| block.split_once("\n```").unwrap().0)
        .collect();
    for name in ["distribute", "probe", "cluster", "ca", "rotate"] {
        let begin = format!("pullcreds credentials {name}");
        assert!(commands.iter().any(|command| command.starts_with(&begin)), "{name}");
    }
    for command in commands {
        let ran = shell(&house, "sh", command, &[("PATH", path.as_ref())]);
        // In the example one of two agents cannot.
        let wanted = i32::from(command.contains("--tasks"));
        assert_eq!(ran.code, Some(wanted), "{command}\n{ran:?}");
        for line in ran.stdout.lines().filter(|line| !line.starts_with('#')) {
            assert!(page.contains(&format!("    {line}\n")), "not on the page: {line}");
        }
    }
}
